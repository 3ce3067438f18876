package tree

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

var (
	mtime = time.Unix(1700000000, 123456789)
	atime = time.Unix(1700000001, 5)
)

// What is recorded comes back as it was.
func TestMetadataThereAndBack(t *testing.T) {
	owned := Attributes{Mtime: mtime, Owned: true, Atime: atime, Mode: 0o104755, UID: 999, GID: 4294967294,
		Xattrs: map[string][]byte{"user.Case,=%": {0, 1, 255}, "security.capability": []byte("x")}}
	link := owned
	link.Target, link.Xattrs = "../a b\n%2F/é", nil
	for name, e := range map[string]Entry{
		"a file":               {Size: 3, Attributes: Attributes{Mtime: mtime}},
		"an empty file":        {Attributes: Attributes{Mtime: mtime}},
		"before 1970":          {Attributes: Attributes{Mtime: time.Unix(-5, 999999999)}},
		"an owned file":        {Size: 3, Attributes: owned},
		"a folder":             {Kind: Folder, Attributes: owned},
		"a symbolic link":      {Kind: Link, Attributes: link},
		"another name of one":  {Kind: HardLink, Attributes: Attributes{Target: "x/y z"}},
		"nothing but its name": {Size: 1},
	} {
		t.Run(name, func(t *testing.T) {
			metadata, err := e.Metadata()
			if err != nil {
				t.Fatal(err)
			}
			for key, value := range metadata {
				if strings.Trim(value, printable) != "" {
					t.Errorf("%s: %q is more than printable ASCII", key, value)
				}
			}
			got := Entry{Size: e.Size}
			if e.Kind == Folder {
				got.Kind = Folder // its name tells
			}
			got.SetMetadata(metadata)
			e.Known = true
			if !reflect.DeepEqual(got, e) {
				t.Errorf("%v:\ngot  %+v\nwant %+v", metadata, got, e)
			}
		})
	}
}

const printable = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

// Other programs' forms are read, and nothing that is malformed is.
func TestSetMetadata(t *testing.T) {
	owned := Attributes{Mtime: mtime, Owned: true, Atime: atime, Mode: 0o100644, UID: 1, GID: 2}
	for name, tt := range map[string]struct {
		metadata map[string]string
		want     Attributes
	}{
		"mc -a": {map[string]string{"X-Amz-Meta-Mc-Attrs": "atime:1700000001#5/gid:2/gname:bin/mode:33188/mtime:1700000000#123456789/uid:1/uname:daemon"}, owned},
		"s3cmd, whole seconds": {map[string]string{"x-amz-meta-s3cmd-attrs": "atime:9/ctime:7/gid:2/gname:bin/md5:0/mode:33188/mtime:8/uid:1/uname:daemon"},
			Attributes{Mtime: time.Unix(8, 0), Owned: true, Atime: time.Unix(9, 0), Mode: 0o100644, UID: 1, GID: 2}},
		"rclone":               {map[string]string{"mtime": "1700000000.123456789"}, Attributes{Mtime: mtime}},
		"rclone, fewer digits": {map[string]string{"Mtime": "1700000000.5"}, Attributes{Mtime: time.Unix(1700000000, 5e8)}},
		"permissions without a type": {map[string]string{"Mc-Attrs": "gid:2/mode:420/uid:1"},
			Attributes{Owned: true, Mode: 0o100644, UID: 1, GID: 2}},
		"no time":                {map[string]string{"Mtime": "yesterday"}, Attributes{}},
		"a time beyond all":      {map[string]string{"Mtime": "9223372036854775807.0"}, Attributes{}},
		"a fraction of nonsense": {map[string]string{"Mtime": "1.2.3"}, Attributes{}},
		"an owner short":         {map[string]string{"Mc-Attrs": "mode:33188/uid:1"}, Attributes{}},
		"a negative owner":       {map[string]string{"Mc-Attrs": "gid:-1/mode:33188/uid:1"}, Attributes{}},
		"chown's 'nobody'":       {map[string]string{"Mc-Attrs": "gid:4294967295/mode:33188/uid:1"}, Attributes{}},
		"empty":                  {map[string]string{"Mc-Attrs": ""}, Attributes{}},
		"a link with content":    {map[string]string{"Bootrc-Link": "/etc/passwd"}, Attributes{}},
	} {
		t.Run(name, func(t *testing.T) {
			e := Entry{Size: 7}
			e.SetMetadata(tt.metadata)
			if e.Kind != File || !reflect.DeepEqual(e.Attributes, tt.want) {
				t.Errorf("kind %d, got %+v\nwant %+v", e.Kind, e.Attributes, tt.want)
			}
		})
	}
}

func TestMetadataTooLarge(t *testing.T) {
	e := Entry{Attributes: Attributes{Xattrs: map[string][]byte{"user.large": make([]byte, 2000)}}}
	if _, err := e.Metadata(); err == nil {
		t.Error("2000 bytes in base64 fit into metadata of 2048")
	}
}

func TestSameTime(t *testing.T) {
	for _, tt := range []struct {
		a, b time.Time
		want bool
	}{
		{mtime, mtime, true},
		{mtime, mtime.Add(time.Nanosecond), false},
		{mtime, mtime.Truncate(time.Second), true}, // a file system of whole seconds
		{mtime.Truncate(time.Second), mtime.Truncate(time.Second).Add(time.Second), false},
	} {
		if got := SameTime(tt.a, tt.b); got != tt.want {
			t.Errorf("%v and %v: %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}
