package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"bootrc/kit/foreign"
	"bootrc/media/serve/tree"
)

// web serves the tree over HTTP.
type web struct {
	files *tree.Tree
	log   func(line string)
}

// server returns the HTTP server. A client may take its time for a body, but not for a request.
func (w *web) server() *http.Server {
	return &http.Server{Handler: w, ReadHeaderTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
}

// ServeHTTP is http.Handler's.
func (w *web) ServeHTTP(answer http.ResponseWriter, r *http.Request) {
	begin, name := time.Now(), strings.TrimPrefix(r.URL.Path, "/")
	say := func(format string, args ...any) {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		w.log(foreign.Line(fmt.Sprintf("%s HTTP: ", host) + fmt.Sprintf(format, args...)))
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		say("%.20s of %s: files can only be read", r.Method, name)
		http.Error(answer, "files can only be read here", http.StatusMethodNotAllowed)
		return
	}
	f, err := w.files.Open(name)
	if err != nil {
		say("wants %s: %v", name, err)
		http.Error(answer, "there is no such file here", status(err))
		return
	}
	defer f.Close()
	counted := &counted{ResponseWriter: answer}
	answer.Header().Set("Content-Type", contentType(name))
	http.ServeContent(counted, r, "", f.Modified, seeker(f))
	if r.Method == http.MethodHead {
		return
	}
	made := ""
	if f.From != "" {
		made = ", made of " + f.From
	}
	say("%s%s, %d of %d bytes in %.1f s", name, made, counted.bytes, f.Size, time.Since(begin).Seconds())
}

func status(err error) int {
	if errors.Is(err, fs.ErrNotExist) {
		return http.StatusNotFound
	}
	return http.StatusInternalServerError
}

// contentType is what firmware knows an EFI program by (UEFI, section "HTTP Boot": RFC 3986 and media types).
func contentType(name string) string {
	switch {
	case strings.HasSuffix(name, ".efi"):
		return "application/efi"
	case strings.HasSuffix(name, ".ipxe"):
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}

// seeker reads a file. A whole one is left to the kernel to send.
func seeker(f *tree.File) io.ReadSeeker {
	if file, ok := f.ReaderAt.(*os.File); ok {
		return file
	}
	return io.NewSectionReader(f, 0, f.Size)
}

// counted counts what is sent.
type counted struct {
	http.ResponseWriter
	bytes int64
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.bytes += int64(n)
	return n, err
}

// ReadFrom has the kernel copy what it can.
func (c *counted) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.Copy(c.ResponseWriter, r)
	c.bytes += n
	return n, err
}
