package mount

import (
	"reflect"
	"testing"

	"golang.org/x/sys/unix"
)

func TestParse(t *testing.T) {
	for list, want := range map[string]Options{
		"":                             {},
		"ro,noatime,size=1m,x":         {Flags: unix.MS_RDONLY | unix.MS_NOATIME, Data: []string{"size=1m", "x"}},
		"ro,rw":                        {},
		"rbind":                        {Flags: unix.MS_BIND | unix.MS_REC},
		"rprivate":                     {Propagation: unix.MS_PRIVATE | unix.MS_REC},
		"shared,slave":                 {Propagation: unix.MS_SHARED | unix.MS_SLAVE},
		"nosuid,nodev,noexec,dev,,,":   {Flags: unix.MS_NOSUID | unix.MS_NOEXEC},
		"ro,noatime,defaults,rw,nodev": {Flags: unix.MS_NOATIME | unix.MS_NODEV},
		"_netdev,nofail,lazytime":      {Flags: unix.MS_LAZYTIME},
		"rrprivate,r,ro=1":             {Data: []string{"rrprivate", "r", "ro=1"}},
	} {
		if got := Parse(list); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, want %+v", list, got, want)
		}
	}
}

// What sets a flag has an opposite that clears it, so that the last word holds; but for
// what a mount is: a bind, a move.
func TestOpposites(t *testing.T) {
	var set, cleared uintptr
	for _, flag := range flags {
		set, cleared = set|flag.set, cleared|flag.clear
	}
	const kinds = unix.MS_BIND | unix.MS_REC | unix.MS_MOVE | unix.MS_REMOUNT | unix.MS_DIRSYNC
	if set&^kinds != cleared {
		t.Errorf("set are %#x, cleared %#x", set, cleared)
	}
}

func TestValue(t *testing.T) {
	o := Parse("vers=4.1,ro,addr=a=b,addr=c")
	for key, want := range map[string]string{"vers": "4.1", "addr": "a=b", "ro": "", "ver": ""} {
		if got := o.Value(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
}
