package filesystem

import "strings"

// drivers returns the kernel modules that a mount will want, as modprobe names them: those of its type,
// and of what else the kernel would ask for one after another meanwhile. There are none for a type that
// only the content of a device tells.
func (m *mounting) drivers() []string {
	switch version := m.version(); {
	case m.kind == "":
		return nil
	case m.kind == "nfs" && (strings.HasPrefix(version, "3") || strings.HasPrefix(version, "2")):
		return []string{"nfsv" + version[:1]}
	case m.kind == "nfs" || m.kind == "nfs4":
		return []string{"nfsv4"}
	case m.kind == "9p":
		return []string{"9p", "9pnet_virtio"}
	default:
		return []string{"fs-" + m.kind}
	}
}
