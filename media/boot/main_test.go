package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bootrc/test/machine"
)

func TestParse(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "bzImage")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		line, arguments, command string
		network                  bool
		memory                   int
		err                      string
	}{
		{"", "", "", true, 512, ""},
		{"b2c.run=x quiet", "b2c.run=x quiet", "", true, 512, ""},
		{"-no-network b2c.run=oci:/x", "b2c.run=oci:/x", "", false, 512, ""},
		{"-kernel FILE -image x -- sh --help", "", "sh --help", false, 2048, ""},
		{"-kernel FILE -image x -network -memory 96 debug -- a", "debug", "a", true, 96, ""},
		{"-image x -workdir DIR -share 9p --", "", "", false, 2048, ""},
		{"-image x -network -no-network", "", "", false, 0, "--network and --no-network"},
		{"-image x -share nfs", "", "", false, 0, "--share nfs: there are [virtiofs 9p disk]"},
		{"-- sh", "", "", false, 0, "a COMMAND runs in a container"},
		{"-workdir DIR", "", "", false, 0, "--workdir is a container's"},
		{"-no-network", "", "", false, 0, "without a network, --image"},
		{"-kernel DIR", "", "", false, 0, "it is no file"},
		{"-image x -workdir FILE", "", "", false, 0, "it is no folder"},
		{"-kernel FILE/none", "", "", false, 0, "--kernel: stat "},
		{"-qemu '", "", "", false, 0, "is not closed"},
	} {
		args := strings.Fields(strings.NewReplacer("DIR", folder, "FILE", file).Replace(tt.line))
		o, _, err := parse(args)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: %v, want %s", tt.line, err, tt.err)
			}
			continue
		}
		if err != nil || strings.Join(o.arguments, " ") != tt.arguments || strings.Join(o.command, " ") != tt.command ||
			o.network != tt.network || o.memory != tt.memory {
			t.Errorf("%s: %+v, %v", tt.line, o, err)
		}
	}
	o, _, err := parse([]string{"-qemu", "-device 'a,b=c d'", "-qemu", "-s"})
	if err != nil || !slices.Equal(o.qemu, words{"-device", "a,b=c d", "-s"}) {
		t.Errorf("QEMU's options: %q, %v", o.qemu, err)
	}
}

func TestOutcome(t *testing.T) {
	for _, tt := range []struct {
		console string
		err     error
		status  int
		text    string
	}{
		{"[2.1]: Execution is over, pipeline status: 7\r\nbye\r\n", nil, 7, ""},
		{"Execution is over, pipeline status: 7\r\nx\nExecution is over, pipeline status: 0\r\n", nil, 0, ""},
		{"Execution is over, pipeline status: 7\r\n", machine.ErrLate, 124, "within --timeout 5s"},
		{"a\r\n[1.2] Kernel panic - not syncing: VFS\r\n[1.3] Kernel Offset: 0x26\r\n", nil, 123, `said "Kernel panic - not syncing: VFS"`},
		{"a\r\nb\r\n \r\n", nil, 123, `last line was "b"`},
		{"", nil, 123, `""`},
		{"", errors.New("QEMU failed"), 125, "QEMU failed"},
	} {
		status, err := outcome([]byte(tt.console), tt.err, "5s")
		if status != tt.status || (err == nil) != (tt.text == "") || err != nil && !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%q, %v: %d, %v", tt.console, tt.err, status, err)
		}
	}
}
