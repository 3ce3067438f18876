package layer

import (
	"archive/tar"
	"fmt"
	"sort"
	"strings"

	"bootrc/kit/inside"

	"golang.org/x/sys/unix"
)

// paxXattr is how image-spec layer.md, "File Attributes", names them.
const paxXattr = "SCHILY.xattr."

type xattr struct {
	name  string
	value []byte
}

// xattrsOf returns the entry's extended attributes, in the order of their
// names. Those that overlayfs keeps its own state in are left out: they could
// show a container what lower layers have elsewhere.
func (t *tree) xattrsOf(h *tar.Header) []xattr {
	var list []xattr
	for key, value := range h.PAXRecords {
		name, ok := strings.CutPrefix(key, paxXattr)
		if !ok {
			continue
		}
		if strings.HasPrefix(name, "trusted.overlay.") || strings.HasPrefix(name, "user.overlay.") {
			t.ignore(h.Name, name, "belongs to overlayfs")
			continue
		}
		list = append(list, xattr{name, []byte(value)})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].name < list[j].name })
	return list
}

// setXattr judges the outcome of setting an attribute. One that the file system
// has no place for is reported and left out, except file capabilities: without
// them a program fails later, and nothing would say why.
func (t *tree) setXattr(path string, x xattr, err error) error {
	switch {
	case err == nil:
		return nil
	case err == unix.ENOTSUP && x.name != "security.capability":
		t.ignore(path, x.name, "not supported by this file system")
		return nil
	case err == unix.EPERM && strings.HasPrefix(x.name, "user."):
		// only regular files and folders can have these: xattr(7).
		t.ignore(path, x.name, "not supported for this type of file")
		return nil
	default:
		return pathError("set "+x.name+" of", path, err)
	}
}

func (t *tree) ignore(path, name, why string) {
	if t.report.Ignored == 0 {
		t.report.FirstIgnored = fmt.Sprintf("%s of %s: %s", name, path, why)
	}
	t.report.Ignored++
}

// procPath names a file in an open folder, for system calls that take no
// folder.
func procPath(parent int, base string) string {
	return inside.ProcPath(parent) + "/" + base
}
