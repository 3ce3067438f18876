package tree

import (
	"bytes"
	"maps"
	"time"
)

// Attributes are a file's, beside its content.
type Attributes struct {
	// Mtime is when the content changed; zero means that nobody recorded it.
	Mtime time.Time

	// Owned tells that the fields below are recorded, too.
	Owned    bool
	Atime    time.Time
	Mode     uint32 // st_mode of inode(7): type and permissions
	UID, GID int
	Xattrs   map[string][]byte
	Unkept   []string // names of extended attributes that were left out: see Fit

	// Target is where a Link points, or the name of the file that a HardLink
	// is another name of.
	Target string
}

// Equal compares all but the time of the last access. An unrecorded owner
// differs from every owner.
func (a Attributes) Equal(b Attributes) bool {
	return a.Owned == b.Owned && a.Mode == b.Mode && a.UID == b.UID && a.GID == b.GID &&
		a.Target == b.Target && SameTime(a.Mtime, b.Mtime) &&
		maps.EqualFunc(a.Xattrs, b.Xattrs, bytes.Equal)
}

// SameTime compares two modification times. One of them may come from a file
// system that keeps whole seconds only.
func SameTime(a, b time.Time) bool {
	if a.Equal(b) {
		return true
	}
	return (a.Nanosecond() == 0 || b.Nanosecond() == 0) && a.Unix() == b.Unix()
}
