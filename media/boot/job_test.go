package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/init/cmdline"
	"bootrc/kit/quote"
)

func checkError(t *testing.T, what string, err error, text string) {
	t.Helper()
	if (err == nil) != (text == "") || err != nil && !strings.Contains(err.Error(), text) {
		t.Errorf("%s: %v, want %q", what, err, text)
	}
}

// Whatever a command's words hold, the machine's shell gets them as they are.
func TestCommandArrives(t *testing.T) {
	for _, command := range [][]string{
		{"sh", "-c", "exit 7"}, {`"`, `\`, `\"`, `it's`, "$HOME `x` #", "a\nb", ""}, {`ends in \`}, {`\\"`, "\t"},
	} {
		j := &job{tree: t.TempDir()}
		run := append([]string{"-v", "/run/bootrc/work:/work", "oci-archive:/run/bootrc/image"}, command...)
		if err := j.write(false, "9p", run); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(j.tree, "etc/bootrc/cmdline.d/50-job"))
		if err != nil {
			t.Fatal(err)
		}
		line, err := cmdline.Parse(string(text))
		if err != nil || len(line.Values("b2c.run")) != 1 || !line.Has("ip") {
			t.Fatalf("%q: %v", text, err)
		}
		words, err := quote.Split(line.Values("b2c.run")[0])
		if err != nil || strings.Join(words, "|") != strings.Join(run, "|") {
			t.Errorf("%q arrive as %q, %v", run, words, err)
		}
	}
}

func TestWays(t *testing.T) {
	for _, tt := range []struct{ modules, builtin, want string }{
		{"9p 9pnet_virtio", "", "9p"}, {"9p", "", "disk"}, {"", "", "disk"}, {"9p", "9pnet_virtio", "9p"},
	} {
		k := kernel{modules: "known", loose: map[string]bool{}, builtin: map[string]bool{}}
		for _, name := range strings.Fields(tt.modules) {
			k.loose[name] = true
		}
		for _, name := range strings.Fields(tt.builtin) {
			k.builtin[name] = true
		}
		s, err := options{workdir: t.TempDir(), memory: 64}.newShare(t.TempDir(), k)
		if err != nil || strings.Join(s.kinds, " ") != tt.want {
			t.Errorf("%+v: %q, %v", tt, s.kinds, err)
		}
	}
}
