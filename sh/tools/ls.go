package tools

import (
	"cmp"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/order"
)

// listing is one call of ls.
type listing struct {
	c                               *call
	all, almost, dir, long, recurse bool
	human, inode, classify, reverse bool
	bySize, byTime                  bool
	width                           int // of the terminal, 0 for one name a line
	names                           idNames
	sections                        bool // name each folder before its list
	printed                         bool
}

// entry is one line of a listing.
type entry struct {
	name string // as printed
	path string
	info fs.FileInfo
}

func lsCommand() command.Command {
	return command.Command{
		Name: "ls", Summary: "list files and folders", Operands: "[FILE…]", Run: tool(ls),
		Options: []command.Option{
			{Names: "-a, --all", Help: "list names that begin with a dot, too"},
			{Names: "-A, --almost-all", Help: "do so, but leave out . and the folder above"},
			{Names: "-d, --directory", Help: "list a folder itself, not what is in it"},
			{Names: "-l, --long", Help: "print mode, links, owner, group, size and time of each"},
			{Names: "-R, --recursive", Help: "list the folders in folders, too"},
			{Names: "-h, --human-readable", Help: "print sizes with a unit, a power of 1024"},
			{Names: "-i, --inode", Help: "print the inode's number, too"},
			{Names: "-F, --classify", Help: "mark folders with /, programs with *, links with @, pipes with | and sockets with ="},
			{Names: "-r, --reverse", Help: "reverse the order"},
			{Names: "-S, --by-size", Help: "list the largest first"},
			{Names: "-t, --by-time", Help: "list the newest first"},
			{Names: "-1, --one", Help: "print one name a line, as always where the output is no terminal"},
			{Names: "-C, --columns", Help: "print names in columns, as on a terminal"},
		},
	}
}

func ls(ctx context.Context, c *call) error {
	l := &listing{
		c: c, names: idNames{}, all: c.Flag("all"), almost: c.Flag("almost-all"), dir: c.Flag("directory"), long: c.Flag("long"),
		recurse: c.Flag("recursive"), human: c.Flag("human-readable"), inode: c.Flag("inode"), classify: c.Flag("classify"),
		reverse: c.Flag("reverse"), bySize: c.Flag("by-size"), byTime: c.Flag("by-time"),
	}
	if !c.Flag("one") && !l.long {
		l.width = terminalWidth(c, c.Flag("columns"))
	}
	operands := c.Args
	if len(operands) == 0 {
		operands = []string{"."}
	}
	l.sections = len(operands) > 1 || l.recurse
	if err := l.operands(ctx, operands); err != nil {
		return err
	}
	if c.failed {
		return command.Status(2)
	}
	return nil
}

// operands lists what was named: first the files, then what is in the folders.
func (l *listing) operands(ctx context.Context, operands []string) error {
	var files, folders []entry
	for _, name := range operands {
		e, err := l.operand(name)
		switch {
		case err != nil:
			l.c.fail(err)
		case e.info.IsDir() && !l.dir:
			folders = append(folders, e)
		default:
			files = append(files, e)
		}
	}
	l.sort(files)
	l.print(files)
	l.sort(folders)
	return l.c.each(ctx, entryNames(folders), func(name string) error {
		return l.folder(ctx, name)
	})
}

func entryNames(entries []entry) []string {
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.name
	}
	return names
}

// operand looks at a named file: a link to a folder is listed as that folder,
// unless the link itself is asked for.
func (l *listing) operand(name string) (entry, error) {
	e := entry{name: name, path: l.c.Path(name)}
	info, err := os.Lstat(e.path)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 && !l.long && !l.dir && !l.classify || strings.HasSuffix(name, "/") {
		if target, err := os.Stat(e.path); err == nil && target.IsDir() {
			info = target
		}
	}
	e.info = info
	return e, err
}

func (l *listing) folder(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	path := l.c.Path(name)
	found, err := os.ReadDir(path)
	if l.sections {
		if l.printed {
			l.c.Printf("\n")
		}
		l.c.Printf("%s:\n", l.c.Shown(name))
	}
	entries := l.entries(path, found)
	l.sort(entries)
	if l.long {
		l.c.Printf("total %s\n", l.blocks(entries))
	}
	l.print(entries)
	l.printed = true
	if err != nil || !l.recurse {
		return err
	}
	for _, e := range entries {
		if !e.info.IsDir() || e.name == "." || e.name == ".." {
			continue
		}
		if err := l.folder(ctx, strings.TrimSuffix(name, "/")+"/"+e.name); err != nil {
			if ctx.Err() != nil {
				return err
			}
			l.c.fail(err)
		}
	}
	return nil
}

func (l *listing) entries(path string, found []os.DirEntry) []entry {
	var entries []entry
	add := func(name string) {
		full := filepath.Join(path, name)
		// what is gone since the folder was read is no error
		if info, err := os.Lstat(full); err == nil {
			entries = append(entries, entry{name, full, info})
		}
	}
	if l.all {
		add(".")
		add("..")
	}
	for _, f := range found {
		if l.all || l.almost || !strings.HasPrefix(f.Name(), ".") {
			add(f.Name())
		}
	}
	return entries
}

func (l *listing) sort(entries []entry) {
	order.By(entries, func(a, b entry) int {
		result := cmp.Compare(a.name, b.name)
		switch {
		case l.bySize && a.info.Size() != b.info.Size():
			result = cmp.Compare(b.info.Size(), a.info.Size())
		case l.byTime && !a.info.ModTime().Equal(b.info.ModTime()):
			result = b.info.ModTime().Compare(a.info.ModTime())
		}
		if l.reverse {
			result = -result
		}
		return result
	})
}
