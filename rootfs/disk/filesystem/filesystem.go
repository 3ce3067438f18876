// Package filesystem mounts what b2c.filesystem= describes: the file systems of
// local block devices, NFS and SMB shares, and folders of a virtual machine's
// host. The kernel's own clients do the work; no mount.nfs or mount.cifs is
// needed.
package filesystem

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"bootrc/kit/quote"
	"bootrc/kit/secret"
)

// Filesystem is one value of b2c.filesystem=.
type Filesystem struct {
	Name    string
	Source  string   // a device, LABEL=, UUID=, PARTLABEL=, PARTUUID=, HOST:/PATH, //HOST/SHARE, or a tag
	Type    string   // as mount -t has it; empty: what Source is or holds
	Options []string // as mount -o has them
}

// Parse reads NAME,src=SOURCE[,type=TYPE][,opts=A|B|C].
func Parse(spec string) (Filesystem, error) {
	refuse := func(format string, args ...any) (Filesystem, error) {
		return Filesystem{}, fmt.Errorf("b2c.filesystem=%s: %s", spec, fmt.Sprintf(format, args...))
	}
	name, rest, _ := strings.Cut(spec, ",")
	fs := Filesystem{Name: name}
	if name == "" || strings.ContainsAny(name, "=/") {
		return refuse("a name stands first, without = or /")
	}
	for field := range strings.SplitSeq(rest, ",") {
		key, value, _ := strings.Cut(field, "=")
		switch key {
		case "src":
			fs.Source = value
		case "type":
			fs.Type = value
		case "opts":
			fs.Options = strings.FieldsFunc(value, func(r rune) bool { return r == '|' })
		case "":
		default:
			return refuse("%q: expected src=, type= or opts= (options are separated by |)", field)
		}
	}
	if fs.Source == "" {
		return refuse("src= is missing: what is to be mounted")
	}
	return fs, nil
}

// All parses list, which holds values of b2c.filesystem= as a shell's quoted words. Those that it can parse
// are returned beside the errors of the others.
func All(list string) ([]Filesystem, error) {
	specs, err := quote.Split(list)
	if err != nil {
		return nil, fmt.Errorf("b2c.filesystem: %w", err)
	}
	var all []Filesystem
	var failed []error
	for _, spec := range specs {
		if f, err := Parse(spec); err != nil {
			failed = append(failed, err)
		} else {
			all = append(all, f)
		}
	}
	return all, errors.Join(failed...)
}

// Find returns the filesystem of that name in list, which holds values of
// b2c.filesystem= as a shell's quoted words. Of two with the same name, the
// last is meant.
func Find(list, name string) (Filesystem, error) {
	specs, err := quote.Split(list)
	if err != nil {
		return Filesystem{}, fmt.Errorf("b2c.filesystem: %w", err)
	}
	var names []string
	for _, spec := range slices.Backward(specs) {
		n, _, _ := strings.Cut(spec, ",")
		if n == name {
			return Parse(spec)
		}
		names = append(names, n)
	}
	if len(names) == 0 {
		return Filesystem{}, fmt.Errorf("filesystem %s: there is no b2c.filesystem=%s,src=…", name, name)
	}
	slices.Reverse(names)
	return Filesystem{}, fmt.Errorf("filesystem %s: no b2c.filesystem= has that name; there are: %s", name, strings.Join(names, ", "))
}

// Secrets returns the passwords among the options of a value of b2c.filesystem=, also of
// one that Parse refuses.
func Secrets(spec string) []string {
	var all []string
	for option := range strings.FieldsFuncSeq(spec, func(r rune) bool { return r == ',' || r == '|' }) {
		all = append(all, secret.Assigned(strings.TrimPrefix(option, "opts="))...)
	}
	return all
}
