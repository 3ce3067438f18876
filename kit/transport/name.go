package transport

import "net/url"

// Name returns the address for an error or a log: without its password, and without the
// values of its query, which may be a token or a signature.
func Name(u *url.URL) string {
	shown := *u
	if shown.RawQuery != "" {
		shown.RawQuery = "…"
	}
	shown.Fragment, shown.RawFragment = "", ""
	return shown.Redacted()
}
