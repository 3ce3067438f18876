package lastboot

import (
	"os"
	"path/filepath"
	"strings"
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

func TestDiary(t *testing.T) {
	folder := t.TempDir()
	d := Diary(filepath.Join(folder, "cache", "diary"))
	if err := d.Begin("run"); err != nil {
		t.Errorf("without a cache: %v", err)
	}
	if err := os.Mkdir(filepath.Join(folder, "cache"), 0o755); err != nil {
		t.Fatal(err)
	}
	sources := Sources{Diary: string(d)}
	for _, step := range []struct {
		do   func() error
		want string
	}{
		{func() error { return d.Begin("run") }, "it was in run when the power failed"},
		{func() error { return d.Ended("run took longer than 2h") }, "the last boot was ended: run took longer than 2h"},
		{d.Close, ""},
		{d.Close, ""},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		got := strings.Join(sources.Reasons(), "|")
		if got != step.want && (step.want == "" || !strings.Contains(got, step.want)) {
			t.Errorf("got %q, want %q", got, step.want)
		}
	}
	if left, _ := os.ReadDir(filepath.Join(folder, "cache")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}
