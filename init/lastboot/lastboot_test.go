package lastboot

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestReasons(t *testing.T) {
	const header = "Panic#1 Part1\n"
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"nothing is known", nil, ""},
		{"a panic", map[string]string{
			"pstore/dmesg-ramoops-0": header + "<4>[1] hi\n<0>[    9.1] Kernel panic - not syncing: sysrq triggered crash\n<4>[9] CPU: 0\n",
		}, "the kernel of the last boot died: Kernel panic - not syncing: sysrq triggered crash"},
		{"the panic counts more than what led to it", map[string]string{
			"pstore/dmesg-efi-1": header + "BUG: kernel NULL pointer dereference\nKernel panic - not syncing: Fatal exception\n",
		}, "the kernel of the last boot died: Kernel panic - not syncing: Fatal exception"},
		{"parts of one panic", map[string]string{
			"pstore/dmesg-efi-1": "Kernel panic - not syncing: x\n", "pstore/dmesg-efi-2": "Kernel panic - not syncing: x\n",
		}, "the kernel of the last boot died: Kernel panic - not syncing: x"},
		{"a record without a cause", map[string]string{"pstore/dmesg-ramoops-0": "\x00\xff"}, ""},
		{"a reset", map[string]string{
			"watchdog/watchdog0/bootstatus": "32\n", "watchdog/watchdog0/identity": "i6300ESB timer\n",
			"watchdog/watchdog1/bootstatus": "0\n", "watchdog/watchdog1/identity": "Software Watchdog\n",
		}, "the watchdog (i6300ESB timer) reset the machine: the last boot was stuck"},
		{"a diary that was not closed", map[string]string{"diary": "the last boot did not come to its end: x\nmore\n"},
			"the last boot did not come to its end: x"},
	} {
		folder := t.TempDir()
		for name, text := range tt.files {
			name = filepath.Join(folder, name)
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s := Sources{filepath.Join(folder, "pstore"), filepath.Join(folder, "watchdog"), filepath.Join(folder, "diary")}
		if got := strings.Join(s.Reasons(), "|"); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if left, _ := filepath.Glob(filepath.Join(folder, "pstore", "*")); len(left) > 0 {
			t.Errorf("%s: pstore keeps %q", tt.name, left)
		}
	}
}

// What each step leaves for the next boot to read.
func TestDiary(t *testing.T) {
	type step struct {
		do   func(d *Diary, file string) error
		want string
	}
	open := func(d *Diary, file string) error { return d.Open(file) }
	begin := func(phase string) func(*Diary, string) error {
		return func(d *Diary, _ string) error { return d.Begin(phase) }
	}
	end := func(why string) func(*Diary, string) error {
		return func(d *Diary, _ string) error { return d.End(why) }
	}
	closed := func(d *Diary, _ string) error { return d.Close() }
	for name, steps := range map[string][]step{
		"a boot that comes to its end": {
			{begin("network"), ""}, {open, ""}, {begin("run"), "it was in run when the power failed"},
			{begin("cleanup"), "it was in cleanup when"}, {closed, ""}, {begin("unmount"), ""}, {closed, ""},
		},
		"a boot that is ended": {
			{open, ""}, {begin("run"), "it was in run when"},
			{end("run took longer than 2h"), "the last boot was ended: run took longer than 2h"},
			{begin("cleanup"), "the last boot was ended: run took"}, {end("cleanup took longer"), "ended: run took"},
			{closed, "ended: run took"}, {begin("unmount"), "ended: run took"},
		},
		"a boot that is ended before it has a cache": {
			{begin("network"), ""}, {end("network took longer than 60s"), ""}, {begin("cache"), ""},
			{open, "the last boot was ended: network took"}, {closed, "the last boot was ended: network took"},
		},
	} {
		file := filepath.Join(t.TempDir(), "diary")
		sources, d := Sources{Diary: file}, new(Diary)
		for n, step := range steps {
			if err := step.do(d, file); err != nil {
				t.Fatal(err)
			}
			got := strings.Join(sources.Reasons(), "|")
			if got != step.want && (step.want == "" || !strings.Contains(got, step.want)) {
				t.Errorf("%s, step %d: got %q, want %q", name, n, got, step.want)
			}
		}
	}
}

func TestDiaryThatWaits(t *testing.T) {
	d := new(Diary)
	waits := []bool{d.Waits()}
	d.End("it took too long")
	waits = append(waits, d.Waits())
	d.Open(filepath.Join(t.TempDir(), "diary"))
	waits = append(waits, d.Waits())
	if want := []bool{false, true, false}; !slices.Equal(waits, want) {
		t.Errorf("got %v, want %v", waits, want)
	}
}

// A container on the cache may have put anything there.
func TestForeignDiary(t *testing.T) {
	folder := t.TempDir()
	fifo, large := filepath.Join(folder, "fifo"), filepath.Join(folder, "large")
	if err := errors.Join(syscall.Mkfifo(fifo, 0o600), os.WriteFile(large, nil, 0o600), os.Truncate(large, 1<<40)); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{fifo, large, folder, "/dev/zero"} {
		if got := (Sources{Diary: file}).Reasons(); len(got) > 0 {
			t.Errorf("%s: %q", file, got)
		}
	}
}
