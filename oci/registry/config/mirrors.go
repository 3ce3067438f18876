package config

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"bootrc/oci/reference"
)

// Mirrors returns the text of a file for mirrors, each PREFIX,URL[,insecure]: in their order
// within a prefix.
func Mirrors(specs []string) (string, error) {
	var prefixes []string
	mirrors := make(map[string]string)
	for _, spec := range specs {
		prefix, m, err := parseMirror(spec)
		if err != nil {
			return "", fmt.Errorf("%s: %w", redacted(spec), err)
		}
		if mirrors[prefix] == "" {
			prefixes = append(prefixes, prefix)
		}
		mirrors[prefix] += fmt.Sprintf("[[registry.mirror]]\nlocation = %s\ninsecure = %v\n", strconv.Quote(m.Location), m.Insecure)
	}
	var b strings.Builder
	for _, prefix := range prefixes {
		fmt.Fprintf(&b, "[[registry]]\nprefix = %s\n", strconv.Quote(prefix))
		if !strings.HasPrefix(prefix, "*") {
			fmt.Fprintf(&b, "location = %s\n", strconv.Quote(prefix))
		}
		b.WriteString(mirrors[prefix])
	}
	return b.String(), nil
}

func parseMirror(spec string) (prefix string, m Mirror, err error) {
	prefix, where, ok := strings.Cut(spec, ",")
	prefix = strings.TrimSuffix(prefix, "/")
	where, flag, flagged := strings.Cut(where, ",")
	if !ok || prefix == "" || flagged && flag != "insecure" {
		return "", m, fmt.Errorf("expected PREFIX,URL or PREFIX,URL,insecure")
	}
	if !strings.HasPrefix(prefix, "*.") {
		if _, err := reference.ParseDocker(prefix + "/x"); err != nil {
			return "", m, fmt.Errorf("prefix %q: %w", prefix, err)
		}
	}
	if !strings.Contains(where, "://") {
		where = "https://" + where
	}
	u, err := url.Parse(where)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", m, fmt.Errorf("the mirror is not a URL such as https://gateway/docker, without a user: b2c.login= is for that")
	}
	m.Location = strings.TrimRight(u.Host+strings.TrimSuffix(u.Path, "/"), "/")
	m.Insecure = flagged || u.Scheme == "http"
	if _, err := at(m.Location + "/x"); err != nil {
		return "", m, err
	}
	return prefix, m, nil
}

// redacted leaves out what may be a password.
func redacted(spec string) string {
	prefix, _, _ := strings.Cut(spec, ",")
	return prefix + ",…"
}
