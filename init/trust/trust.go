// Package trust decides what of that which comes to a machine from elsewhere counts: texts that
// a key has signed, for this machine, and for now.
package trust

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bootrc/init/cmdline"
	"bootrc/kit/clock"
	"bootrc/kit/command"
	"bootrc/kit/obtain"
	"bootrc/kit/regular"
	"bootrc/kit/sshsig"
)

// Namespace is what signers give to ssh-keygen -Y sign -n.
const Namespace = "bootrc"

// Suffix ends the name of a signature that lies beside its text.
const Suffix = ".sig"

// maxSignature bounds a signature, and a file of keys, in bytes.
const maxSignature = 64 << 10

// Keys are those whose signatures count. With none, everything does.
type Keys []sshsig.Key

// ParseKeys reads keys: each a line of SSH's, its second word alone, or the path of a file with
// such lines.
func ParseKeys(values []string) (Keys, error) {
	var keys Keys
	for _, value := range values {
		lines := []string{value}
		if filepath.IsAbs(value) {
			text, err := regular.Read(value, maxSignature)
			if err != nil {
				return nil, err
			}
			lines = slices.Collect(strings.Lines(string(text)))
		}
		for _, line := range lines {
			if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			key, err := sshsig.ParseKey(line)
			if err != nil {
				return nil, err
			}
			keys = append(keys, key)
		}
	}
	if len(values) > 0 && keys == nil {
		return nil, errors.New("no key is in it")
	}
	return keys, nil
}

// Open returns what of a text is signed by one of the keys: all of it, or, where the signature
// stands at its end, what is before. detached gets a signature that does not; it is not called
// otherwise. Without keys, a signature at the end is taken off all the same.
func (k Keys) Open(text []byte, detached func() ([]byte, error)) ([]byte, error) {
	content, signature, ok := sshsig.Cut(text)
	if len(k) == 0 {
		return content, nil
	}
	if !ok {
		err := errors.New("there is no signature at its end")
		if detached != nil {
			signature, err = detached()
		}
		if err != nil {
			return nil, fmt.Errorf("it is not signed: %w", err)
		}
	}
	parsed, err := sshsig.Parse(signature)
	if err != nil {
		return nil, err
	}
	if err := parsed.Verify(content, Namespace, k); err != nil {
		return nil, err
	}
	return content, nil
}

// OpenFrom is Open for what came from a request: the signature is beside it, with Suffix behind
// the name.
func (k Keys) OpenFrom(ctx context.Context, call *command.Call, r obtain.Request, text []byte) ([]byte, error) {
	content, err := k.Open(text, func() ([]byte, error) {
		where, err := beside(r.Where)
		if err != nil {
			return nil, err
		}
		return obtain.Request{Where: where, Limit: maxSignature, Time: r.Time}.Get(ctx, call)
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Name(), err)
	}
	return content, nil
}

// beside returns where the signature of a text is that does not have it at its end.
func beside(where string) (string, error) {
	if filepath.IsAbs(where) {
		return where + Suffix, nil
	}
	u, err := url.Parse(where)
	if err != nil || u.Host == "" {
		return "", errors.New("there is no signature at its end")
	}
	u.Path += Suffix
	if u.RawPath != "" {
		u.RawPath += Suffix
	}
	return u.String(), nil
}

// Conditions are what signers may write into a text: for which machines it is, and until when.
type Conditions struct {
	Expires  []string // RFC 3339, or days such as 2026-12-31
	Machines []string // MAC addresses, serial numbers, UUIDs, host names
}

// Of returns the conditions in arguments.
func Of(line *cmdline.Line) Conditions {
	return Conditions{line.Values("b2c.expires"), line.Values("b2c.machine")}
}

// OfScript returns those in the comments of a script: "# b2c.expires=2026-12-31".
func OfScript(script []byte) Conditions {
	var c Conditions
	for line := range strings.Lines(string(script)) {
		comment, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), "#")
		if !ok || !strings.Contains(comment, "b2c.") {
			continue
		}
		// what is no argument is a comment
		arguments, _ := cmdline.Parse(comment)
		more := Of(arguments)
		c.Expires = append(c.Expires, more.Expires...)
		c.Machines = append(c.Machines, more.Machines...)
	}
	return c
}

// Check fails unless all conditions are met, at that time, on the machine of these names.
func (c Conditions) Check(now time.Time, names func() []string) error {
	for _, text := range c.Expires {
		until, err := parseTime(text)
		switch {
		case err != nil:
			return fmt.Errorf("b2c.expires=%s: expected a time such as 2026-12-31T12:00:00Z", text)
		case clock.Stopped(now):
			return fmt.Errorf("b2c.expires=%s: the clock says %s, so that nobody knows: b2c.ntp_peer= sets it", text, now.UTC().Format(time.DateOnly))
		case !now.Before(until):
			return fmt.Errorf("b2c.expires=%s: it is %s", text, now.UTC().Format(time.RFC3339))
		}
	}
	if len(c.Machines) == 0 {
		return nil
	}
	own := names()
	for _, list := range c.Machines {
		isOwn := func(name string) bool {
			return slices.ContainsFunc(own, func(o string) bool { return strings.EqualFold(o, name) })
		}
		if !slices.ContainsFunc(strings.Split(list, ","), isOwn) {
			return fmt.Errorf("b2c.machine=%s: this machine is %s (its MAC address is known from 30-network.sh on)", list, strings.Join(own, ", "))
		}
	}
	return nil
}

// parseTime reads a time, or a day, which counts to its beginning in UTC.
func parseTime(text string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	return time.Parse(time.RFC3339, text)
}
