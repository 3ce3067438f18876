package cdi

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// put writes specifications into folders of the test's.
func put(t *testing.T, files map[string]string) {
	t.Helper()
	usual, dir := Folders, t.TempDir()
	Folders = []string{filepath.Join(dir, "etc"), filepath.Join(dir, "run")}
	t.Cleanup(func() { Folders = usual })
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestResolve(t *testing.T) {
	put(t, map[string]string{
		"etc/a.json": `{"kind": "v.example/x", "containerEdits": {"env": ["ALL=1"]}, "devices": [
			{"name": "one", "containerEdits": {"env": ["ONE=1"], "deviceNodes": [{"path": "/dev/one", "permissions": "r"}]}},
			{"name": "two", "containerEdits": {"env": ["TWO=1"], "additionalGids": [5]}},
			{"name": "both", "containerEdits": {"env": ["OLD=1"]}}]}`,
		"run/b.json":    `{"kind": "v.example/x", "devices": [{"name": "both", "containerEdits": {"env": ["NEW=1"]}}, {"name": "twice"}]}`,
		"run/c.json":    `{"kind": "v.example/x", "devices": [{"name": "twice"}]}`,
		"run/d.yaml":    "kind: v.example/y\n",
		"run/e.json":    `{"kind": "nothing"}`,
		"run/README.md": "not a specification",
	})
	for _, tt := range []struct {
		names string
		want  Edits
		err   string
	}{
		{"v.example/x=one v.example/x=two", Edits{Env: []string{"ALL=1", "ONE=1", "TWO=1"}, Groups: []uint32{5}, Nodes: []Node{{Path: "/dev/one", Permissions: "r"}}}, ""},
		{"v.example/x=both", Edits{Env: []string{"NEW=1"}}, ""},
		{"v.example/x=twice", Edits{}, "device v.example/x=twice is in "},
		{"v.example/x=three", Edits{}, "v.example/x has no device \"three\": `cdi ls` lists them"},
		{"v.example/y=one", Edits{}, "run/d.yaml: it is no JSON, which YAML may be: have it made with --format=json"},
		{"v.example/y=one", Edits{}, "is of v.example/y"},
		{"v.example/y=one", Edits{}, `run/e.json: kind "nothing": expected vendor.com/class`},
	} {
		got, err := Resolve(strings.Fields(tt.names))
		if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
			t.Errorf("%s: error %v, want %q", tt.names, err, tt.err)
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %+v, want %+v", tt.names, got, tt.want)
		}
	}
}

func TestIs(t *testing.T) {
	for name, want := range map[string]bool{
		"nvidia.com/gpu=all": true, "v.example/x=0:1": true, "/dev/null": false, "/dev/a=b": false, "v/x=": false, "v=x": false, "v/x y=z": false,
	} {
		if got := Is(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
