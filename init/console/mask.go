package console

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"bootrc/kit/foreign"
)

const (
	// masked stands for a secret on the console, as GitLab has it.
	masked = "[MASKED]"

	// minSecret is the least length of a secret, in bytes: to mask every "a" would
	// hide the log and no secret.
	minSecret = 4

	// patience is how long the beginning of what may be a secret is kept back: the
	// rest may come in another write, or it may be a prompt that somebody waits for.
	patience = 100 * time.Millisecond
)

// mask replaces secrets in what goes through it, also one that is cut in two by
// the borders of writes. Its owner's lock guards it.
type mask struct {
	write   func([]byte) (int, error)
	secrets [][]byte // the longest first: one may hold another
	held    []byte   // the beginning of a secret, perhaps
	expiry  *time.Timer
}

// hide adds secrets, each in all its forms.
func (m *mask) hide(secrets []string) {
	for _, secret := range secrets {
		if len(secret) < minSecret {
			continue
		}
		for _, form := range spellings(secret) {
			if !slices.ContainsFunc(m.secrets, func(s []byte) bool { return string(s) == form }) {
				m.secrets = append(m.secrets, []byte(form))
			}
		}
	}
	slices.SortStableFunc(m.secrets, func(a, b []byte) int { return len(b) - len(a) })
}

// spellings are the forms in which a secret turns up: as it is, within a shell's
// quotes and those of a trace around them, within Go's, in an error, within a URL, and
// as HTTP sends it.
func spellings(secret string) []string {
	quoted := strconv.Quote(secret)
	escaped := requote(secret)
	inWords := strings.ReplaceAll(secret, "'", `'"'"'`)
	return []string{
		secret,
		escaped,
		inWords,
		requote(escaped),
		requote(inWords),
		inDoubleQuotes.Replace(secret),
		inDoubleQuotes.Replace(escaped),
		inDoubleQuotes.Replace(inWords),
		inDollarQuotes.Replace(secret),
		inDollarQuotes.Replace(escaped),
		inDollarQuotes.Replace(inWords),
		quoted[1 : len(quoted)-1],
		foreign.Text(secret),
		url.QueryEscape(secret),
		url.PathEscape(secret),
		(&url.URL{Path: secret}).EscapedPath(),
		strings.TrimPrefix(url.UserPassword("", secret).String(), ":"),
		base64.StdEncoding.EncodeToString([]byte(secret)),
	}
}

// requote is a text between the single quotes that a shell puts around it.
func requote(text string) string { return strings.ReplaceAll(text, "'", `'\''`) }

// inDoubleQuotes escapes what is special between a shell's double quotes.
var inDoubleQuotes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "`", "\\`")

// inDollarQuotes escapes what is special between $' and '.
var inDollarQuotes = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`)

// whole masks a text that is complete.
func (m *mask) whole(text string) string {
	return string(m.replace([]byte(text)))
}

// cut stands at the end of a text that was too long.
var cut = []byte("…")

// replace masks the secrets in a text, also one of which a cut has left only the beginning.
func (m *mask) replace(text []byte) []byte {
	for _, secret := range m.secrets {
		text = bytes.ReplaceAll(text, secret, []byte(masked))
	}
	if len(m.secrets) == 0 || !bytes.Contains(text, cut) {
		return text
	}
	parts := bytes.Split(text, cut)
	for i, part := range parts[:len(parts)-1] {
		if n := m.beginning(part); n >= minSecret {
			parts[i] = append(part[:len(part)-n:len(part)-n], masked...)
		}
	}
	return bytes.Join(parts, cut)
}

// Write masks p and writes what is sure to be no part of a secret. lock is held,
// and taken again when the rest has been kept back for long enough.
func (m *mask) Write(p []byte, lock sync.Locker) (int, error) {
	if len(m.secrets) == 0 {
		return m.write(p)
	}
	text := m.replace(append(m.held, p...))
	keep := m.beginning(text)
	m.held = bytes.Clone(text[len(text)-keep:])
	if keep > 0 {
		m.flushLater(lock)
	}
	if _, err := m.write(text[:len(text)-keep]); err != nil {
		return 0, err
	}
	return len(p), nil
}

// beginning is the length of the longest end of text with which a secret begins.
func (m *mask) beginning(text []byte) int {
	longest := 0
	for _, secret := range m.secrets {
		for n := min(len(secret)-1, len(text)); n > longest; n-- {
			if bytes.HasSuffix(text, secret[:n]) {
				longest = n
			}
		}
	}
	return longest
}

func (m *mask) flushLater(lock sync.Locker) {
	if m.expiry != nil {
		m.expiry.Stop()
	}
	m.expiry = time.AfterFunc(patience, func() {
		lock.Lock()
		defer lock.Unlock()
		m.flush()
	})
}

// flush writes what is kept back.
func (m *mask) flush() {
	if len(m.held) > 0 {
		m.write(m.held)
		m.held = nil
	}
}
