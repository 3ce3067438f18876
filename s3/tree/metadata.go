package tree

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Keys of an object's metadata, without "X-Amz-Meta-".
const (
	mtimeKey    = "Mtime"       // as rclone's: seconds, with a fraction
	attrsKey    = "Mc-Attrs"    // as `mc -a` has it: mode:33188/uid:0/…
	s3cmdKey    = "S3cmd-Attrs" // the same, from s3cmd; only read
	linkKey     = "Bootrc-Link" // where a symbolic link points, percent-encoded
	hardLinkKey = "Bootrc-Hardlink"
	xattrsKey   = "Bootrc-Xattrs" // NAME=BASE64,…, the name percent-encoded
)

// maxMetadata is how many bytes of keys and values S3 keeps for an object:
// Amazon S3 User Guide, "Working with object metadata".
const maxMetadata = 2048

// Metadata returns the entry's attributes as metadata of an object, in which
// values are printable ASCII. It fails where there is more than S3 can keep.
func (e Entry) Metadata() (map[string]string, error) {
	a := e.Attributes
	m := make(map[string]string)
	if !a.Mtime.IsZero() && e.Kind == File {
		m[mtimeKey] = fmt.Sprintf("%d.%09d", a.Mtime.Unix(), a.Mtime.Nanosecond())
	}
	if a.Owned {
		m[attrsKey] = fmt.Sprintf("atime:%s/gid:%d/mode:%d/mtime:%s/uid:%d",
			formatTime(a.Atime), a.GID, a.Mode, formatTime(a.Mtime), a.UID)
	}
	if len(a.Xattrs) > 0 {
		m[xattrsKey] = formatXattrs(a.Xattrs)
	}
	switch e.Kind {
	case Link:
		m[linkKey] = url.PathEscape(a.Target)
	case HardLink:
		m[hardLinkKey] = url.PathEscape(a.Target)
	}
	if size := metadataSize(m); size > maxMetadata {
		return nil, fmt.Errorf("its attributes take %d bytes as metadata, and S3 keeps %d", size, maxMetadata)
	}
	return m, nil
}

func metadataSize(m map[string]string) (size int) {
	for key, value := range m {
		size += len("x-amz-meta-") + len(key) + len(value)
	}
	return size
}

// Fit leaves out extended attributes, the longest first, until what remains fits into an
// object's metadata. Unkept names them.
func (e *Entry) Fit() {
	a := &e.Attributes
	byLength := slices.SortedFunc(maps.Keys(a.Xattrs), func(x, y string) int {
		return cmp.Or(cmp.Compare(len(a.Xattrs[y]), len(a.Xattrs[x])), cmp.Compare(x, y))
	})
	for _, name := range byLength {
		if _, err := e.Metadata(); err == nil {
			return
		}
		if len(a.Unkept) == 0 {
			a.Xattrs = maps.Clone(a.Xattrs)
		}
		delete(a.Xattrs, name)
		a.Unkept = append(a.Unkept, name)
	}
}

// SetMetadata fills in the kind and the attributes that the metadata of an
// object record. Keys are taken with and without "X-Amz-Meta-", in any case;
// what is malformed counts as not recorded.
func (e *Entry) SetMetadata(metadata map[string]string) {
	m := make(map[string]string, len(metadata))
	for key, value := range metadata {
		m[strings.TrimPrefix(http.CanonicalHeaderKey(key), "X-Amz-Meta-")] = value
	}
	e.Known = true
	a := &e.Attributes
	a.Mtime, _ = parseSeconds(m[mtimeKey], ".")
	for _, key := range []string{s3cmdKey, attrsKey} {
		a.parseAttrs(m[key])
	}
	a.Xattrs = parseXattrs(m[xattrsKey])
	if e.Kind != File || e.Size != 0 {
		return
	}
	if target, err := url.PathUnescape(m[linkKey]); err == nil && target != "" {
		e.Kind, a.Target = Link, target
	} else if target, err := url.PathUnescape(m[hardLinkKey]); err == nil && target != "" {
		e.Kind, a.Target = HardLink, target
	}
}

// parseAttrs reads name:value pairs between slashes.
func (a *Attributes) parseAttrs(text string) {
	values := make(map[string]string)
	for _, pair := range strings.Split(text, "/") {
		name, value, _ := strings.Cut(pair, ":")
		values[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	if mtime, ok := parseSeconds(values["mtime"], "#"); ok {
		a.Mtime = mtime
	}
	mode, err1 := strconv.ParseUint(values["mode"], 0, 32)
	uid, err2 := strconv.ParseUint(values["uid"], 10, 32)
	gid, err3 := strconv.ParseUint(values["gid"], 10, 32)
	const nobody = 1<<32 - 1 // to chown(2), this is to leave the owner alone
	if err1 != nil || err2 != nil || err3 != nil || uid == nobody || gid == nobody {
		return
	}
	a.Owned, a.Mode, a.UID, a.GID = true, uint32(mode), int(uid), int(gid)
	if a.Mode&unix.S_IFMT == 0 {
		a.Mode |= unix.S_IFREG
	}
	a.Atime, _ = parseSeconds(values["atime"], "#")
}

func formatTime(t time.Time) string {
	if t.IsZero() {
		return "0"
	}
	return fmt.Sprintf("%d#%d", t.Unix(), t.Nanosecond())
}

// parseSeconds reads seconds and, behind the separator, their fraction: after
// "." as digits, after "#" as a number of nanoseconds.
func parseSeconds(text, separator string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(text, separator)
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || seconds < minSeconds || seconds > maxSeconds {
		return time.Time{}, false
	}
	if separator == "." {
		fraction = (fraction + "000000000")[:9]
	} else if fraction == "" {
		fraction = "0"
	}
	nanoseconds, err := strconv.ParseUint(fraction, 10, 32)
	if err != nil || nanoseconds > 999_999_999 {
		return time.Time{}, false
	}
	return time.Unix(seconds, int64(nanoseconds)), true
}

// The years from 1 to 9999: beyond, file systems and formats disagree.
const (
	minSeconds = -62135596800
	maxSeconds = 253402300799
)

func formatXattrs(xattrs map[string][]byte) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(xattrs)) {
		pairs = append(pairs, url.QueryEscape(name)+"="+base64.StdEncoding.EncodeToString(xattrs[name]))
	}
	return strings.Join(pairs, ",")
}

func parseXattrs(text string) map[string][]byte {
	if text == "" {
		return nil
	}
	xattrs := make(map[string][]byte)
	for _, pair := range strings.Split(text, ",") {
		name, value, _ := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(name)
		data, err2 := base64.StdEncoding.DecodeString(value)
		if err1 == nil && err2 == nil && name != "" {
			xattrs[name] = data
		}
	}
	return xattrs
}
