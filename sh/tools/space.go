package tools

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"bootrc/kit/command"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

// usage is one call of du.
type usage struct {
	c                  *call
	all, human, silent bool
	oneDev             bool
	depth              int                // of the folders that are printed; -1 for all
	seen               map[[2]uint64]bool // files with several names, counted once
}

func duCommand() command.Command {
	return command.Command{
		Name: "du", Summary: "print the space that files and folders take, in KiB", Operands: "[FILE…]", Run: tool(du),
		Options: []command.Option{
			{Names: "-a, --all", Help: "print files in folders, too"},
			{Names: "-d, --max-depth", Value: "N", Kind: command.Count, Help: "print folders down to N levels below what was named"},
			{Names: "-s, --summarize", Help: "print only what was named"},
			{Names: "-x, --one-file-system", Help: "leave out other filesystems"},
			{Names: "-h, --human-readable", Help: "print sizes with a unit, a power of 1024"},
			{Names: "-k", Help: "print KiB, as it does anyway"},
		},
	}
}

func du(ctx context.Context, c *call) error {
	names := c.Args
	if len(names) == 0 {
		names = []string{"."}
	}
	u := &usage{c, c.Flag("all"), c.Flag("human-readable"), c.Flag("summarize"), c.Flag("one-file-system"), -1, map[[2]uint64]bool{}}
	if c.Has("max-depth") {
		u.depth = c.Count("max-depth")
	}
	return c.each(ctx, names, func(name string) error {
		info, err := os.Lstat(c.Path(name))
		if err != nil {
			return err
		}
		_, err = u.count(ctx, name, c.Path(name), info, device(info), 0)
		return err
	})
}

// count returns the bytes that a file, or a folder with all in it, takes on disk.
func (u *usage) count(ctx context.Context, name, path string, info fs.FileInfo, dev uint64, depth int) (uint64, error) {
	if err := cmp.Or(ctx.Err(), u.c.outputError()); err != nil {
		return 0, err
	}
	st := info.Sys().(*syscall.Stat_t)
	if u.oneDev && uint64(st.Dev) != dev {
		return 0, nil
	}
	if id := [2]uint64{uint64(st.Dev), st.Ino}; st.Nlink > 1 && !info.IsDir() {
		if u.seen[id] {
			return 0, nil
		}
		u.seen[id] = true
	}
	total := uint64(st.Blocks) * 512
	if info.IsDir() {
		below, err := u.countFolder(ctx, name, path, dev, depth+1)
		if err != nil {
			return 0, err
		}
		total += below
	}
	if depth == 0 || !u.silent && (u.all || info.IsDir()) && (u.depth < 0 || depth <= u.depth) {
		u.c.Printf("%s\t%s\n", u.size(total), u.c.Shown(name))
	}
	return total, nil
}

func (u *usage) countFolder(ctx context.Context, name, path string, dev uint64, depth int) (uint64, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		u.c.fail(err)
	}
	var total uint64
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			continue // gone meanwhile
		}
		n, err := u.count(ctx, name+"/"+e.Name(), filepath.Join(path, e.Name()), info, dev, depth)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

func (u *usage) size(bytes uint64) string {
	if u.human {
		return humanSize(bytes)
	}
	return fmt.Sprint((bytes + 1023) / 1024)
}

func dfCommand() command.Command {
	return command.Command{
		Name: "df", Summary: "print the space of filesystems, or of those that files are on, in KiB", Operands: "[FILE…]", Run: tool(df),
		Options: []command.Option{
			{Names: "-a, --all", Help: "print filesystems without space of their own, too"},
			{Names: "-h, --human-readable", Help: "print sizes with a unit, a power of 1024"},
			{Names: "-k", Help: "print KiB, as it does anyway"},
		},
	}
}

func df(_ context.Context, c *call) error {
	mounts, err := mountinfo.GetMounts(nil)
	if err != nil {
		return err
	}
	all := c.Flag("all")
	if len(c.Args) > 0 {
		if mounts, err = mountsOf(c, mounts, c.Args); err != nil {
			return err
		}
		all = true
	}
	size := func(bytes uint64) string { return fmt.Sprint((bytes + 1023) / 1024) }
	title := "1K-blocks"
	if c.Flag("human-readable") {
		size, title = humanSize, "Size"
	}
	rows := [][]string{{"Filesystem", title, "Used", "Available", "Use%", "Mounted on"}}
	for _, m := range mounts {
		var st unix.Statfs_t
		if err := unix.Statfs(m.Mountpoint, &st); err != nil {
			c.fail(fmt.Errorf("%s: %w", m.Mountpoint, err))
			continue
		}
		if st.Blocks > 0 || all {
			rows = append(rows, spaceRow(m, &st, size))
		}
	}
	c.printTable(rows, "lrrrrl")
	return nil
}

func spaceRow(m *mountinfo.Info, st *unix.Statfs_t, size func(uint64) string) []string {
	unit := uint64(st.Bsize)
	if st.Frsize > 0 {
		unit = uint64(st.Frsize)
	}
	used := st.Blocks - st.Bfree
	percent := "-"
	if usable := used + st.Bavail; usable > 0 {
		percent = fmt.Sprintf("%d%%", (used*100+usable-1)/usable)
	}
	return []string{m.Source, size(st.Blocks * unit), size(used * unit), size(st.Bavail * unit), percent, m.Mountpoint}
}

// mountsOf is the mounts that the named files are on.
func mountsOf(c *call, mounts []*mountinfo.Info, names []string) ([]*mountinfo.Info, error) {
	var of []*mountinfo.Info
	for _, name := range names {
		path, err := filepath.EvalSymlinks(c.Path(name))
		if err != nil {
			return nil, err
		}
		var best *mountinfo.Info
		for _, m := range mounts {
			if below(path, m.Mountpoint) && (best == nil || len(m.Mountpoint) >= len(best.Mountpoint)) {
				best = m
			}
		}
		if best == nil {
			return nil, fmt.Errorf("%s is on no mount that can be seen", name)
		}
		of = append(of, best)
	}
	return of, nil
}

// printTable prints rows in columns, each aligned as its letter says: l or r.
func (c *call) printTable(rows [][]string, align string) {
	widths := make([]int, len(align))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for _, row := range rows {
		for i, cell := range row {
			switch {
			case i == len(row)-1 && align[i] == 'l':
				c.Printf("%s\n", cell)
			case i == len(row)-1:
				c.Printf("%*s\n", widths[i], cell)
			case align[i] == 'l':
				c.Printf("%-*s ", widths[i], cell)
			default:
				c.Printf("%*s ", widths[i], cell)
			}
		}
	}
}
