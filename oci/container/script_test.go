package container

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/kit/command"
	"bootrc/oci/container/streams"
)

func TestCommandFile(t *testing.T) {
	r, image := newTestRuntime(t), testImage(t)
	image.Config.Entrypoint = []string{"/no-such"}
	file := filepath.Join(t.TempDir(), "job.sh")
	for _, tt := range []struct{ words, script, want string }{
		{"--rm", "echo \"it's\" 'a \"job\"'\necho $0 \"$@\"\n", "it's a \"job\"\n/.command one two words\n"},
		{"--read-only|-u|nobody", "#!/bin/sh -eu\nid -u\nfalse\necho never", "65534\n"},
		{"--entrypoint=[\"sh\",\"-u\"]", "#!/no/such\necho ${UNSET-none}; echo $UNSET; echo never", "none\n/.command: line 2: UNSET: parameter not set\n"},
		{"--rm", "echo x >/.command", "/.command: line 1: can't create /.command: Read-only file system\n"},
		{"-v|/run|--tmpfs=/tmp", "ls -A /run /tmp | wc -l; test ! -e /no-such", "3\n"},
	} {
		write(t, file, tt.script)
		v, err := parse(strings.Split(tt.words+"|--command-file="+file+"|img|one|two words", "|")...)
		if err == nil {
			err = v.readScript(t.Context(), &command.Call{})
		}
		if err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		_, err = r.Run(t.Context(), image, v.Options, streams.Stdio{Stdout: &said, Stderr: &said})
		if err != nil || said.String() != tt.want {
			t.Errorf("%s %q: got %q, %v; want %q", tt.words, tt.script, &said, err, tt.want)
		}
	}
}

// A URL is what the caller's command fetch makes of it.
func TestCommandFileFromURL(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "echo %s", r.URL.Path)
	}))
	defer server.Close()
	fetch := command.Command{Name: "fetch", Operands: "URL",
		Options: []command.Option{{Names: "--limit", Value: "SIZE", Kind: command.Size},
			{Names: "-t", Value: "SECONDS", Kind: command.Seconds}, {Names: "--tries", Value: "N", Kind: command.Count}},
		Run: func(ctx context.Context, call *command.Call) error {
			resp, err := http.Get(call.Args[0])
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			_, err = io.Copy(call.Stdout, resp.Body)
			return err
		}}
	with := func(name string) (command.Command, bool) { return fetch, name == "fetch" }
	for _, tt := range []struct {
		url    string
		lookup func(string) (command.Command, bool)
		want   string // the script, or the error
	}{
		{server.URL + "/job", with, "echo /job"},
		{server.URL + "/job", nil, "--command-file: " + server.URL + "/job: there is no command fetch here"},
		{"http://127.0.0.1:1/", with, "--command-file: Get "},
		{"/no/such", nil, "--command-file: open /no/such: no such file"},
		{"/dev/null", nil, "--command-file: it is empty"},
		{"/dev/zero", nil, "--command-file: /dev/zero has more than 16777216 bytes"},
	} {
		v, err := parseWords("--command-file=" + tt.url)
		if err != nil {
			t.Fatal(err)
		}
		err = v.readScript(t.Context(), &command.Call{Lookup: tt.lookup})
		got := string(v.Options.Script)
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.url, got, tt.want)
		}
	}
}
