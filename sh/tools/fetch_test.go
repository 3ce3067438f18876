package tools

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// a server that answers well, badly, or not at all
func fileServer(t *testing.T) (url string, busy *atomic.Int32) {
	busy = new(atomic.Int32)
	mux := http.NewServeMux()
	mux.HandleFunc("/file.txt", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "content\n") })
	mux.HandleFunc("/short", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, "only this")
	})
	mux.HandleFunc("/busy", func(w http.ResponseWriter, _ *http.Request) {
		if busy.Add(1) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, "at last\n")
	})
	mux.HandleFunc("/endless", func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/silent", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(time.Minute):
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL, busy
}

func TestFetch(t *testing.T) {
	url, _ := fileServer(t)
	const sum = "434728a410a78f56fc1b5899c3593436e61ab0c731e9072d95e96db290205e53"
	for _, test := range []struct {
		line, want string
		status     int
		complaint  string
	}{
		{line: "fetch URL/file.txt", want: "content\n"},
		{line: "fetch -o out URL/file.txt; cat out", want: "content\n"},
		{line: "fetch --sha256=" + sum + " URL/file.txt", want: "content\n"},
		{line: "fetch -o fruit --sha256=" + strings.Repeat("0", 64) + " URL/file.txt || cat fruit; ls -A | wc -l", want: texts["fruit"] + "7\n", complaint: "its SHA-256 is " + sum},
		{line: "fetch --sha256=12 URL/file.txt", status: 2, complaint: "expected 64 hexadecimal digits"},
		{line: "fetch URL/missing", status: 1, complaint: "404 Not Found"},
		{line: "fetch -o fruit URL/short || head -n 1 fruit; ls -A | wc -l", want: "pear\n7\n", complaint: "trying again"},
		{line: "fetch --tries=1 URL/busy", status: 1, complaint: "503"},
		{line: "fetch --tries=0 URL/missing", status: 1, complaint: "404"},
		{line: "fetch URL/busy", want: "at last\n", complaint: "503"},
		{line: "fetch --limit=1M URL/endless", status: 1, complaint: "longer than the limit of 1048576 bytes"},
		{line: "fetch --limit=8 URL/file.txt", want: "content\n"},
		{line: "fetch --limit=7 URL/file.txt", status: 1, complaint: "8 bytes, the limit is 7"},
		{line: "fetch -t 0.3 URL/silent", status: 1, complaint: "not finished after 0.3 s"},
		{line: "fetch -o missing/out URL/file.txt", status: 1, complaint: "no such file"},
		{line: "fetch -o /dev/full URL/file.txt", status: 1, complaint: "no space left"},
		{line: "fetch ftp://host/file", status: 2, complaint: "not an address"},
		{line: "fetch file.txt", status: 2, complaint: "not an address"},
		{line: "fetch -t 20 http://u:secret@127.0.0.1:1/x", status: 1, complaint: "u:xxxxx@127.0.0.1:1/x"},
		{line: "wget -q URL/file.txt; cat file.txt", want: "content\n"},
		{line: "wget -qO- URL/file.txt", want: "content\n"},
		{line: "http_proxy=URL wget -qO - http://no-such-host.invalid/file.txt", want: "content\n"},
	} {
		t.Run(test.line, func(t *testing.T) {
			out, errOut, status := runOurs(t.Context(), t, folder(t), strings.ReplaceAll(test.line, "URL", url))
			if out != test.want || status != test.status || !strings.Contains(errOut, test.complaint) {
				t.Errorf("got %q, status %d, %q\nwant %q, status %d, %q", out, status, errOut, test.want, test.status, test.complaint)
			}
			if strings.Contains(errOut, "secret") {
				t.Errorf("the password is shown: %s", errOut)
			}
		})
	}
}

// an archive can't write outside of the folder that it is unpacked to
func TestTarStaysInside(t *testing.T) {
	dir := folder(t)
	outside := t.TempDir()
	for name, members := range map[string][]tarMember{
		"parent":  {{name: "../escaped", content: "x"}},
		"link":    {{name: "l", link: outside}, {name: "l/escaped", content: "x"}},
		"dotlink": {{name: "l", link: ".."}, {name: "l/escaped", content: "x"}},
		"hard":    {{name: "h", hard: "../fruit"}, {name: "h", content: "x"}},
	} {
		writeTar(t, dir+"/"+name+".tar", members)
		runOurs(t.Context(), t, dir, "mkdir "+name+"; tar xf "+name+".tar -C "+name)
	}
	out, _, _ := runOurs(t.Context(), t, dir, "find . "+outside+" -name escaped | grep -v '^./parent/'; cat fruit")
	if out != texts["fruit"] {
		t.Errorf("an archive wrote outside: %s", out)
	}
}

func TestPowerAsksOnOtherMachines(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		first, own string
		want       bool
	}{{self, "/proc/self/exe", false}, {"/bin/sh", self, true}, {"/missing", self, false}, {self, "/missing", false}} {
		if got := bootedByOther(test.first, test.own); got != test.want {
			t.Errorf("first process %s, own %s: %v", test.first, test.own, got)
		}
	}
}
