package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/media/serve/tree"
)

// Files come whole and in parts, with the type that firmware wants, and each request has a line in the log.
func TestWeb(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"amd64/vmlinuz": "0123456789", "arguments/default": "b2c.run=x", "public/a.efi": "efi"} {
		os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, err := tree.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	var log []string
	handler := (&web{files, func(line string) { log = append(log, line) }}).server().Handler
	for _, tt := range []struct{ method, path, bytes, want, kind, log string }{
		{"GET", "/amd64/vmlinuz", "", "200 0123456789", "application/octet-stream", "amd64/vmlinuz, 10 of 10 bytes in "},
		{"GET", "/amd64/vmlinuz", "bytes=2-4", "206 234", "application/octet-stream", "amd64/vmlinuz, 3 of 10 bytes in "},
		{"GET", "/amd64/vmlinuz", "bytes=20-", "416 invalid range: failed to overlap\n", "", "amd64/vmlinuz, "},
		{"HEAD", "/amd64/vmlinuz", "", "200 ", "application/octet-stream", ""},
		{"GET", "/public/a.efi", "", "200 efi", "application/efi", "public/a.efi, 3 of 3 bytes in "},
		{"GET", "/machines/52-54-00-12-34-56_x_y%2Fz.cpio", "bytes=0-5", "206 070701", "", "machines/52-54-00-12-34-56_x_y/z.cpio, made of arguments/default, 6 of "},
		{"GET", "/arguments/default", "", "404 there is no such file here\n", "", "wants arguments/default: "},
		{"GET", "/../../etc/passwd", "", "404 there is no such file here\n", "", "wants ../../etc/passwd: "},
		{"GET", "/a%0a%1b[2J", "", "404 there is no such file here\n", "", `wants a\n\x1b[2J: `},
		{"POST", "/amd64/vmlinuz", "", "405 files can only be read here\n", "", "POST of amd64/vmlinuz: files can only be read"},
	} {
		request := httptest.NewRequest(tt.method, tt.path, nil)
		if tt.bytes != "" {
			request.Header.Set("Range", tt.bytes)
		}
		log = nil
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if got := fmt.Sprint(answer.Code, " ", answer.Body); got != tt.want || tt.kind != "" && answer.Header().Get("Content-Type") != tt.kind {
			t.Errorf("%s %s %s: %q of type %s", tt.method, tt.path, tt.bytes, got, answer.Header().Get("Content-Type"))
		}
		if got := strings.Join(log, "\n"); len(log) > 1 || strings.Contains(got, "\n") || !strings.Contains(got, tt.log) || tt.log == "" && got != "" {
			t.Errorf("%s %s: the log has %q, want %q", tt.method, tt.path, got, tt.log)
		}
	}
}
