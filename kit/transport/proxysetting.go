package transport

import (
	"fmt"
	"net/url"
	"strings"
)

// Variables returns, as KEY=VALUE, the variables that b2c.proxy's value means:
// [http=URL][,https=URL][,no_proxy=HOST|HOST…], each in lower and upper case
// because programs do not agree on one. An error holds no password.
func Variables(spec string) ([]string, error) {
	var variables []string
	for setting := range strings.SplitSeq(spec, ",") {
		name, value, _ := strings.Cut(setting, "=")
		switch name {
		case "http", "https":
			if err := checkURL(value); err != nil {
				return nil, fmt.Errorf("%s=: %w", name, err)
			}
			name += "_proxy"
		case "no_proxy":
			value = strings.ReplaceAll(value, "|", ",")
		default:
			return nil, fmt.Errorf("%q: expected http=URL, https=URL or no_proxy=HOST|HOST", name)
		}
		variables = append(variables, name+"="+value, strings.ToUpper(name)+"="+value)
	}
	return variables, nil
}

// checkURL refuses what net/http could not use: it would go without a proxy.
func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil {
		return fmt.Errorf("not a URL") // the parser's own error shows all of it
	}
	if u.Host == "" {
		return fmt.Errorf("%q is not a URL such as http://proxy:3128", u.Redacted())
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return nil
	}
	return fmt.Errorf("%s: the proxy's own scheme is http, https or socks5", u.Redacted())
}
