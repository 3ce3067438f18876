package tools

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"bootrc/kit/command"
)

const plainStat = "  File: %n\n  Size: %s\tBlocks: %b of %B\t%F\nDevice: %d\tInode: %i\tLinks: %h\n" +
	"Access: (%a/%A)\tUid: (%u/%U)\tGid: (%g/%G)\nAccess: %X\nModify: %Y\nChange: %Z"

func stat(ctx context.Context, c *call) error {
	o := newOptions()
	follow, format := o.flag("L", "dereference"), o.text("c", "format", plainStat)
	names, err := o.parse(c.Args, 1, -1)
	if err != nil {
		return err
	}
	return c.each(ctx, names, func(name string) error {
		look := os.Lstat
		if *follow {
			look = os.Stat
		}
		info, err := look(c.Path(name))
		if err != nil {
			return err
		}
		text, err := formatStat(*format, name, info)
		if err != nil {
			return err
		}
		c.Printf("%s\n", text)
		return nil
	})
}

func formatStat(format, name string, info fs.FileInfo) (string, error) {
	var out strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			out.WriteByte(format[i])
			continue
		}
		if i++; i == len(format) {
			return "", command.Usagef("the format ends in %%")
		}
		value, ok := statField(format[i], name, info)
		if !ok {
			return "", command.Usagef("unknown field %%%c", format[i])
		}
		out.WriteString(value)
	}
	return out.String(), nil
}

func statField(field byte, name string, info fs.FileInfo) (string, bool) {
	st := info.Sys().(*syscall.Stat_t)
	var value any
	switch field {
	case 'n':
		value = name
	case 's':
		value = st.Size
	case 'a':
		value = fmt.Sprintf("%o", modeBits(info.Mode()))
	case 'A':
		value = modeString(info.Mode())
	case 'F':
		value = typeName(info)
	case 'X':
		value = st.Atim.Sec
	case 'Y':
		value = st.Mtim.Sec
	case 'Z':
		value = st.Ctim.Sec
	case 'u':
		value = st.Uid
	case 'U':
		value = idNames{}.user(st.Uid)
	case 'g':
		value = st.Gid
	case 'G':
		value = idNames{}.group(st.Gid)
	case 'i':
		value = st.Ino
	case 'h':
		value = st.Nlink
	case 'd':
		value = st.Dev
	case 'b':
		value = st.Blocks
	case 'B':
		value = 512
	case '%':
		value = "%"
	default:
		return "", false
	}
	return fmt.Sprint(value), true
}

func typeName(info fs.FileInfo) string {
	switch typeLetter(info.Mode()) {
	case 'd':
		return "directory"
	case 'l':
		return "symbolic link"
	case 'c':
		return "character special file"
	case 'b':
		return "block special file"
	case 'p':
		return "fifo"
	case 's':
		return "socket"
	}
	if info.Size() == 0 {
		return "regular empty file"
	}
	return "regular file"
}
