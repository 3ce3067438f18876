// Package beside_test runs containers by podman and by bootrc, and compares what is seen from
// inside and what their callers see: podman on the same image is the judge.
//
//	go test -tags seccomp ./test/beside                    some cases of each kind, for every day
//	go test -tags seccomp ./test/beside -args -all         all cases: ./test.sh --containers
//	go test -tags seccomp ./test/beside -args -all -show   what both sides say of each case
package beside_test

import (
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

var (
	all     = flag.Bool("all", false, "run all cases, not only the daily ones")
	show    = flag.Bool("show", false, "print what both sides say")
	program = flag.String("program", "", "bootrc, that is its init, where it is built already")
)

// TestBeside runs the cases. Those that are marked to differ have to: what podman and bootrc do
// alike needs no excuse.
func TestBeside(t *testing.T) {
	files, err := filepath.Glob("cases/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	chosen := make(map[string][]testCase)
	total := 0
	for _, file := range files {
		for _, c := range readCases(t, file) {
			if *all || c.daily {
				chosen[file] = append(chosen[file], c)
				total++
			}
		}
	}
	field := newField(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			for _, c := range chosen[file] {
				t.Run(c.name(), func(t *testing.T) { field.compare(t, c) })
			}
		})
	}
	t.Logf("%d cases", total)
}

// compare runs one case on both sides.
func (f *field) compare(t *testing.T, c testCase) {
	f.makeImages(t, c.script)
	theirs, ours := f.podman(t, c.script), f.bootrc(t, c.script)
	if *show {
		t.Logf("podman:\n%s\nbootrc:\n%s", theirs.all(), ours.all())
	}
	difference := differingLines(theirs.said, ours.said)
	switch {
	case c.differs == "" && difference != "":
		t.Errorf("line %d:\n%s\n%s\npodman: %s\nbootrc: %s", c.line, c.script, difference, theirs.complained, ours.complained)
	case c.differs != "" && difference == "":
		t.Errorf("line %d: it is said to differ, but does not:\n%s\n%s", c.line, c.script, theirs.all())
	}
	if c.differs != "" && ours.said != c.ours {
		t.Errorf("line %d:\n%s\nbootrc:\n%swant:\n%s%s", c.line, c.script, ours.said, c.ours, ours.complained)
	}
}

// differingLines shows what one side alone has said. In which order does not count: podman's
// variables come in another one each time.
func differingLines(theirs, ours string) string {
	count := make(map[string]int)
	for line := range strings.Lines(theirs) {
		count[line]++
	}
	for line := range strings.Lines(ours) {
		count[line]--
	}
	var out strings.Builder
	for line := range strings.Lines(theirs + ours) {
		switch n := count[line]; {
		case n > 0:
			fmt.Fprintf(&out, "  podman alone: %s", line)
		case n < 0:
			fmt.Fprintf(&out, "  bootrc alone: %s", line)
		}
		delete(count, line)
	}
	return out.String()
}
