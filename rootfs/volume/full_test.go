package volume

import (
	"errors"
	"testing"

	"bootrc/kit/durable"
	"bootrc/kit/durable/durabletest"

	"golang.org/x/sys/unix"
)

// One volume fills the disk. Others can be set up beside it, and it can be removed, also
// where nobody has kept room.
func TestFullDisk(t *testing.T) {
	for _, what := range []string{"bytes", "files"} {
		for _, reserved := range []bool{true, false} {
			disk := durabletest.Disk(t, 64)
			s := open(t, disk+"/volumes")
			if reserved {
				if err := durable.Reserve(disk); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Create("full", Options{}); err != nil {
				t.Fatal(err)
			}
			durabletest.FillWith(t, what, s.data("full"))
			err := s.Create("other", Options{Labels: map[string]string{"a": "b"}})
			if reserved && err != nil || !reserved && !errors.Is(err, unix.ENOSPC) {
				t.Errorf("full of %s, reserve %v: another: %v", what, reserved, err)
			}
			open(t, disk+"/volumes")
			if err := s.Remove("full"); err != nil {
				t.Errorf("full of %s, reserve %v: removing it: %v", what, reserved, err)
			}
			if err := s.Create("next", Options{}); err != nil {
				t.Errorf("full of %s, reserve %v: after that: %v", what, reserved, err)
			}
		}
	}
}
