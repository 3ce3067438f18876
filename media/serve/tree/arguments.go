package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"bootrc/init/cmdline"
	"bootrc/kit/regular"
	"bootrc/media/load"

	"golang.org/x/sys/unix"
)

// arguments are a machine's, in the two places that the boot reads them from.
type arguments struct {
	line string // the kernel's command line
	file string // an archive: no length limits it, and no boot loader takes it for its own language
	from string // the file that they come from, below the tree's folder
}

// The most bytes that a file of arguments can have.
const mostArguments = 1 << 20

// initrds are the words with which iPXE gives the archives to a kernel on UEFI.
const initrds = "initrd=initramfs initrd=machine.cpio "

// lineLimit is the most bytes of arguments that the kernel's command line has room for beside these, on all of the Architectures.
var lineLimit = load.LineLimit("amd64") - len(initrds)

// arguments returns those of the first file of a machine's names, or of the default's.
func (t *Tree) arguments(who string) (arguments, error) {
	from, err := t.choose(who)
	if err != nil {
		return arguments{}, err
	}
	content, err := regular.ReadIn(t.root, from, mostArguments)
	if err != nil {
		return arguments{}, absent(from, err)
	}
	a, err := parse(string(content))
	if err != nil {
		return arguments{}, fmt.Errorf("%s: %w", from, err)
	}
	a.from = from
	return a, nil
}

// choose chooses the file.
func (t *Tree) choose(who string) (string, error) {
	names, err := t.names()
	if err != nil {
		return "", err
	}
	for _, identity := range append(strings.SplitN(who, "_", 3), "default") {
		i := slices.IndexFunc(names, func(name string) bool { return key(name) == key(identity) })
		if i >= 0 && identity != "" {
			return "arguments/" + names[i], nil
		}
	}
	return "", absent("arguments", fmt.Errorf("there is no file for %q, and no arguments/default", who))
}

// names lists the files of arguments.
func (t *Tree) names() ([]string, error) {
	folder, err := t.root.OpenFile("arguments", unix.O_RDONLY|unix.O_DIRECTORY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	names, err := folder.Readdirnames(-1)
	slices.Sort(names)
	return slices.DeleteFunc(names, isScratch), err
}

// isScratch tells whether a name is an editor's own, or hidden.
func isScratch(name string) bool { return strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") }

// key is an identity as it is compared: a person may write a hardware address with colons, in capital
// letters, and a serial number may have what no file's name has.
func key(identity string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, identity)
}

// parse reads a file of arguments: bootrc's grammar, in which a "#" that begins a word begins a comment.
func parse(content string) (arguments, error) {
	words, err := cmdline.Split(cmdline.WithoutComments(content))
	if err != nil {
		return arguments{}, err
	}
	var a arguments
	for _, word := range words {
		if word == (cmdline.Arg{}) { // "" on its own
			continue
		}
		if load.IsOwn(word.Name) {
			a.file += quoted(word) + "\n"
			continue
		}
		if a.line != "" {
			a.line += " "
		}
		a.line += quoted(word)
	}
	if len(a.line) > lineLimit {
		return arguments{}, fmt.Errorf("the arguments that stand on the kernel's command line have %d bytes, and it has room for %d", len(a.line), lineLimit)
	}
	return a, nil
}

// quoted writes an argument as the kernel and the boot read it.
func quoted(a cmdline.Arg) string {
	word := a.Name
	if a.HasValue {
		word += "=" + a.Value
	}
	if strings.ContainsAny(word, " \t\r\n\v\f\x00\"") || strings.HasPrefix(word, "#") {
		return cmdline.Quote(word)
	}
	return word
}
