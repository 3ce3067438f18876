package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// hasty has little patience for what ends in the error, and much for all else, for
// which a busy machine may take its time.
func hasty(err string) Limits {
	l := Limits{Connect: time.Minute, Answer: time.Minute, Header: 16 << 10, Idle: time.Minute, Floor: 1 << 20}
	const little = 200 * time.Millisecond
	switch err {
	case "timeout":
		l.Connect, l.Idle = little, little
	case noAnswer:
		l.Answer = little
	case noBody:
		l.Idle = little
	}
	return l
}

const (
	noAnswer = "no answer came for 200ms"
	noBody   = "next to nothing came for 200ms"
)

// talk is a server that answers each request with a text, and then with another again and
// again, until nobody listens.
func talk(t *testing.T, first, then string) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			go func() {
				conn.Read(make([]byte, 1000))
				_, err := io.WriteString(conn, first)
				for err == nil && then != "" {
					if len(then) < 20 {
						time.Sleep(time.Millisecond) // it drips
					}
					_, err = io.WriteString(conn, then)
				}
			}()
		}
	}()
	return listener.Addr().String()
}

// ask reads a document of at most 100 KB.
func ask(ctx context.Context, t *Transport, url string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := t.Client().Do(r)
	if err != nil {
		return err
	}
	defer Drain(response)
	_, err = ReadAll(response.Body, 100_000)
	return err
}

func TestServersThatDoNotEnd(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	const lot = 4 << 10
	for _, test := range []struct{ name, scheme, first, then, want string }{
		{"no answer", "http", "", "", noAnswer},
		{"no handshake", "https", "", "", "timeout"},
		{"half a line", "http", "HTTP/1.1 20", "", noAnswer},
		{"half a header", "http", ok + "Content-", "", noAnswer},
		{"a header that drips", "http", ok + "X: ", "x", noAnswer},
		{"a header that floods", "http", ok, "X: " + strings.Repeat("x", lot) + "\r\n", "server response headers exceeded"},
		{"a line that floods", "http", ok + "X: ", strings.Repeat("x", lot), "server response headers exceeded"},
		{"continuing for ever", "http", "", "HTTP/1.1 103 Early Hints\r\nX: " + strings.Repeat("x", lot) + "\r\n\r\n", "server response headers exceeded"},
		{"half a body", "http", ok + "Content-Length: 100\r\n\r\nx", "", noBody},
		{"no body", "http", ok + "Content-Length: 100\r\n\r\n", "", noBody},
		{"half a chunk", "http", ok + "Transfer-Encoding: chunked\r\n\r\n9\r\nx", "", noBody},
		{"no last chunk", "http", ok + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", "", noBody},
		{"a body that drips", "http", ok + "\r\n", "x", noBody},
		{"chunks that drip", "http", ok + "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", noBody},
		{"an error that drips", "http", "HTTP/1.1 500 Oh\r\n\r\n", "x", noBody},
		{"a body that floods", "http", ok + "\r\n", strings.Repeat("x", lot), "longer than the limit of 100000 bytes"},
		{"an error that floods", "http", "HTTP/1.1 500 Oh\r\n\r\n", strings.Repeat("x", lot), "longer than the limit of 100000 bytes"},
		{"trailers that flood", "http", ok + "Trailer: X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: " + strings.Repeat("x", lot) + "\r\n", "trailer"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := ask(t.Context(), New(Options{Limits: hasty(test.want)}), test.scheme+"://"+talk(t, test.first, test.then))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want %s", err, test.want)
			}
			var wait net.Error
			if stalls := strings.Contains(test.want, "200ms") || test.want == "timeout"; stalls != (errors.As(err, &wait) && wait.Timeout()) {
				t.Errorf("as a timeout: %v; want %v", !stalls, stalls)
			}
		})
	}
}

// Over HTTP/2, one connection has many requests, and each its limits.
func TestHTTP2ServerThatStalls(t *testing.T) {
	for path, want := range map[string]string{
		"/silent": noAnswer,
		"/half":   "next to nothing came for 200ms",
		"/drips":  "next to nothing came for 200ms",
		"/floods": "longer than the limit of 100000 bytes",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.ProtoMajor != 2 {
					t.Errorf("asked by %s", r.Proto)
				}
				flush := w.(http.Flusher).Flush
				for path != "/silent" && r.Context().Err() == nil {
					switch path {
					case "/floods":
						io.WriteString(w, strings.Repeat("x", 4<<10))
					default:
						io.WriteString(w, "x")
						flush()
						time.Sleep(time.Millisecond)
					}
					if path == "/half" {
						break
					}
				}
				<-r.Context().Done()
			}))
			server.EnableHTTP2 = true
			server.StartTLS()
			t.Cleanup(server.Close)
			err := ask(t.Context(), New(Options{Limits: hasty(want), Insecure: true}), server.URL+path)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// A server that stops reading a request is as bad as one that sends nothing.
func TestServerThatTakesNothing(t *testing.T) {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://"+talk(t, "", ""), endless{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = New(Options{Limits: hasty("timeout")}).Client().Do(r)
	var wait net.Error
	if !errors.As(err, &wait) || !wait.Timeout() {
		t.Errorf("got %v, want a timeout", err)
	}
}

// slow is a body whose reads take a time each.
type slow struct {
	step int
	wait time.Duration
	left int
	done <-chan struct{}
}

func (s *slow) Close() error { return nil }

func (s *slow) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	select {
	case <-time.After(s.wait):
	case <-s.done:
		return 0, context.Canceled
	}
	n := min(s.step, s.left, len(p))
	s.left -= n
	return n, nil
}

func TestBodyThatIsSlow(t *testing.T) {
	const idle, floor = 30 * time.Second, 16 << 10
	for _, c := range []struct {
		name   string
		body   slow
		floor  int64
		pause  time.Duration // between reads
		stalls bool
	}{
		{"nothing", slow{step: 1, wait: time.Hour, left: 1}, floor, 0, true},
		{"a byte every five seconds", slow{step: 1, wait: 5 * time.Second, left: 1 << 20}, floor, 0, true},
		{"ten bytes a second", slow{step: 10, wait: time.Second, left: 1 << 20}, floor, 0, true},
		{"a short one, slowly", slow{step: 1, wait: time.Second, left: 20}, floor, 0, false},
		{"a kilobyte a second", slow{step: 1000, wait: time.Second, left: 1 << 20}, floor, 0, false},
		{"a record now and then", slow{step: floor, wait: idle - time.Second, left: 1 << 20}, floor, 0, false},
		{"a byte now and then, where one is enough", slow{step: 1, wait: idle - time.Second, left: 1000}, 1, 0, false},
		{"nothing, where a byte is enough", slow{step: 1, wait: time.Hour, left: 1}, 1, 0, true},
		{"a disk that takes its time", slow{step: 1, wait: time.Millisecond, left: 1000}, floor, time.Hour, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				c.body.done = ctx.Done()
				b := newBody(ctx, cancel, &c.body, New(Options{Limits: Limits{Idle: idle}}).WithFloor(c.floor).limits)
				var err error
				for buf := make([]byte, 64<<10); err == nil; {
					_, err = b.Read(buf)
					time.Sleep(c.pause)
				}
				if _, stalls := errors.AsType[*StallError](err); stalls != c.stalls || !stalls && err != io.EOF {
					t.Errorf("%v; want a stall: %v", err, c.stalls)
				}
			})
		})
	}
}

func TestReadAll(t *testing.T) {
	for n, want := range map[int]string{0: "", 9: "", 10: "", 11: "longer than the limit of 10 bytes"} {
		data, err := ReadAll(strings.NewReader(strings.Repeat("x", n)), 10)
		if got := text(err); got != want || err == nil && len(data) != n {
			t.Errorf("%d bytes: got %d, %v", n, len(data), err)
		}
	}
	if _, err := ReadAll(io.MultiReader(strings.NewReader("x"), errorReader{}), 10); fmt.Sprint(err) != "broken" {
		t.Errorf("got %v", err)
	}
}

type errorReader struct{}

func (errorReader) Read([]byte) (int, error) { return 0, errors.New("broken") }
