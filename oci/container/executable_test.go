package container

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/oci/container/streams"

	"golang.org/x/sys/unix"
)

// elfHeader is the beginning of a program for a machine.
func elfHeader(t *testing.T, m elf.Machine) string {
	t.Helper()
	h := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(m), Version: 1, Ehsize: 64, Phentsize: 56}
	copy(h.Ident[:], elf.ELFMAG)
	h.Ident[elf.EI_CLASS], h.Ident[elf.EI_DATA], h.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, h); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Programs that are there, but that the kernel cannot run: what is missing has a name, and the
// status is podman's with crun, 126 or 127. runc knows no other than 255 here.
func TestProgramsThatCannotRun(t *testing.T) {
	image, volume := testImage(t), t.TempDir()
	loaded, err := os.ReadFile("/bin/true")
	if err != nil {
		t.Fatal(err)
	}
	const windows = "#!/bin/sh\r\necho never\r\n"
	for name, content := range map[string]string{
		"job": "#! /bin/bash -e\necho never\n", "crlf": windows, "bare": "echo never\n", "empty": "", "hash": "#!\n",
		"loaded": string(loaded), "foreign": elfHeader(t, elf.EM_68K), "cut-off": "\x7fELF\x02\x01\x01", "relative": "#!no/shell\n",
		"fine": "#!/bin/sh\nexit 255\n", "fine-space": "#!  /bin/sh -e\nexit 255\n",
	} {
		write(t, filepath.Join(image.Layers[0], "bin", name), content)
		if err := os.Chmod(filepath.Join(image.Layers[0], "bin", name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, volume+"/crlf", windows)
	if err := os.Chmod(volume+"/crlf", 0o755); err != nil {
		t.Fatal(err)
	}
	r := newTestRuntime(t)
	for _, tt := range []struct {
		words, command string
		status         int
		err            string
	}{
		{"--rm", "job", 127, `starting job: its interpreter "/bin/bash" is not in the container: `},
		{"--rm", "crlf", 127, `its interpreter "/bin/sh\r" is not in the container, because the script's lines end as on Windows`},
		{"-v|" + volume + ":/v", "/v/crlf", 127, `its interpreter "/bin/sh\r" is not`},
		{"-w|/bin", "./crlf", 127, `its interpreter "/bin/sh\r" is not`},
		{"--rm", "relative", 127, `its interpreter "no/shell" is not`},
		{"--rm", "loaded", 127, `its loader "/lib`},
		{"--rm", "bare", 126, "it is neither a program nor a script"},
		{"--rm", "empty", 126, "it is neither a program nor a script"},
		{"--rm", "hash", 126, "names no interpreter"},
		{"--rm", "cut-off", 126, "it is broken"},
		{"--rm", "foreign", 126, "it is for EM_68K, and this machine is "},
		{"-e|A=" + strings.Repeat("x", 200_000), "true", 126, "too long"},
		{"--rm", "fine", 255, ""},
		{"--rm", "fine-space", 255, ""},
	} {
		_, status, err := runWords(t, r, image, tt.words, tt.command)
		text := ""
		if err != nil {
			status, text = int(StatusOf(err)), err.Error()
		}
		if status != tt.status || !strings.Contains(text, tt.err) || tt.err == "" && err != nil {
			t.Errorf("%.20s %s: status %d, %v; want %d, %s", tt.words, tt.command, status, err, tt.status, tt.err)
		}
	}
}

// Nothing enters a container that was not started, or that has ended.
func TestExecBeforeAndAfter(t *testing.T) {
	r, image := newTestRuntime(t), testImage(t)
	v, err := parseWords("--name=job")
	if err != nil {
		t.Fatal(err)
	}
	v.Options.Command = []string{"sh", "-c", "read x; echo $x"}
	v.Options.Interactive = true
	input, typed, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c, err := r.Create(image, v.Options, streams.Stdio{Stdin: input, Stdout: io.Discard, Stderr: io.Discard}, unix.SIGTERM)
	if err != nil {
		t.Fatal(err)
	}
	try := func(when string, want uint8) {
		status, err := c.Exec(context.Background(), []string{"true"}, streams.Stdio{Stdout: io.Discard, Stderr: io.Discard})
		if err != nil {
			status = int(StatusOf(err))
		}
		if status != int(want) {
			t.Errorf("%s: status %d, %v; want %d", when, status, err, want)
		}
	}
	try("before", StatusError)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	try("meanwhile", 0)
	typed.Close()
	if status, err := c.Wait(context.Background()); err != nil || status != 1 && status != 0 {
		t.Errorf("status %d, %v", status, err)
	}
	try("after", StatusError)
	if _, status, err := runWords(t, r, image, "--name=job", "true"); status != 0 || err != nil {
		t.Errorf("the next one of that name: %d, %v", status, err)
	}
}
