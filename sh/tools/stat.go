package tools

import (
	"cmp"
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

func statCommand() command.Command {
	return command.Command{
		Name: "stat", Summary: "print what is known of files", Operands: "FILE…", Run: tool(stat),
		Text: `FORMAT is text with these fields: %n name, %s size in bytes, %F type, %a mode in
octal, %A mode as ls prints it, %u owner's number and %U name, %g group's number
and %G name, %X time of the last access, %Y of the last change and %Z of the
inode's last change, each in seconds since 1970, %i inode, %h links, %d device,
%b blocks of %B bytes, %% a percent sign.`,
		Options: []command.Option{
			{Names: "-L, --dereference", Help: "look at what a link points to"},
			{Names: "-c, --format", Value: "FORMAT", Help: "print in this format instead"},
		},
	}
}

func stat(ctx context.Context, c *call) error {
	format := cmp.Or(c.Text("format"), plainStat)
	return c.each(ctx, c.Args, func(name string) error {
		look := os.Lstat
		if c.Flag("dereference") {
			look = os.Stat
		}
		info, err := look(c.Path(name))
		if err != nil {
			return err
		}
		text, err := formatStat(format, name, info)
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
