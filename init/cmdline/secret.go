package cmdline

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Secrets returns what of the line's values must never be shown: what the table
// marks, and passwords within URLs wherever they stand.
func (l *Line) Secrets() []string {
	var all []string
	for i := range Table {
		a := &Table[i]
		for _, value := range l.values[a.Name] {
			if a.Secrets != nil {
				all = append(all, a.Secrets(value)...)
			}
			all = append(all, urlPasswords(value)...)
		}
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(s string) bool { return s == "" })
}

// wholeValue marks an argument that is secret in whole.
func wholeValue(value string) []string { return []string{value} }

// minioSecrets marks the last part of ALIAS,URL,ACCESS_KEY,SECRET_KEY.
func minioSecrets(value string) []string {
	if parts := strings.SplitN(value, ",", 4); len(parts) == 4 {
		return parts[3:]
	}
	return nil
}

// volumeSecrets marks the keys of a volume. An encrypt_key= may have mc's form,
// PREFIX=KEY.
func volumeSecrets(value string) []string {
	var all []string
	for _, part := range strings.Split(value, ",") {
		name, key, _ := strings.Cut(part, "=")
		if name != "fscrypt_key" && name != "encrypt_key" {
			continue
		}
		all = append(all, key)
		if _, bare, ok := strings.Cut(strings.TrimRight(key, "="), "="); ok {
			all = append(all, bare)
		}
	}
	return all
}

// containerSecrets marks the password of --creds USER:PASSWORD.
func containerSecrets(value string) []string {
	if !strings.Contains(value, "--creds") {
		return nil
	}
	var all []string
	for _, found := range creds().FindAllStringSubmatch(value, -1) {
		all = append(all, strings.Trim(found[1], `'"`))
	}
	return all
}

// The patterns are compiled when a value may hold what they find: every start of the
// program would pay for them otherwise.
var (
	creds       = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`--creds[= ]+['"]?[^\s:'"]*:(\S+)`) })
	urlPassword = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`[a-z0-9]+://[^\s/:@]*:([^\s/@]+)@`)
	})
)

func urlPasswords(value string) []string {
	if !strings.Contains(value, "@") {
		return nil
	}
	var all []string
	for _, found := range urlPassword().FindAllStringSubmatch(value, -1) {
		all = append(all, found[1])
	}
	return all
}
