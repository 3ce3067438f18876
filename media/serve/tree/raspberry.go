package tree

import (
	"io/fs"
	"regexp"
	"strings"
)

// serial is the folder that a Raspberry Pi looks into first: the last half of its serial number.
var serial = regexp.MustCompile(`^[0-9a-f]{8}/`)

// raspberry opens what a Raspberry Pi's boot loader asks for: config.txt, start4.elf, or the same below its
// serial number. cmdline.txt is made of the machine's arguments.
func (t *Tree) raspberry(name string) (*File, error) {
	rest := serial.ReplaceAllString(name, "")
	who := strings.TrimSuffix(serial.FindString(name), "/")
	if !t.hasFolder("rpi") {
		return nil, absent(name, fs.ErrNotExist)
	}
	switch rest {
	case "cmdline.txt":
		arguments, err := t.arguments(who)
		if err != nil {
			return nil, err
		}
		return text(arguments.line+"\n", arguments.from), nil
	case "machine.cpio":
		arguments, err := t.arguments(who)
		if err != nil {
			return nil, err
		}
		archive, err := t.archive(arguments)
		if err != nil {
			return nil, err
		}
		return text(string(archive), arguments.from), nil
	}
	if f, err := t.open("rpi", name); err == nil { // a folder of this board's own
		return f, nil
	}
	return t.open("rpi", rest)
}

func (t *Tree) hasFolder(name string) bool {
	info, err := t.root.Stat(name)
	return err == nil && info.IsDir()
}
