package tftp

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bootrc/test/bound"
	"bootrc/test/tftpclient"
)

// running is a server on loopback with files in memory.
type running struct {
	address *net.UDPAddr
	mu      sync.Mutex
	log     []string
}

func start(t *testing.T, files map[string][]byte) *running {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	r := &running{address: conn.LocalAddr().(*net.UDPAddr)}
	s := &Server{Address: netip.MustParseAddr("127.0.0.1"), Block: 1468,
		Log: func(line string) { r.mu.Lock(); r.log = append(r.log, line); r.mu.Unlock() },
		Open: func(name string) (File, error) {
			content, ok := files[name]
			if !ok {
				return File{}, fs.ErrNotExist
			}
			return File{bytes.NewReader(content), int64(len(content)), func() error { return nil }}, nil
		}}
	done := make(chan struct{})
	go func() { defer close(done); s.Serve(conn) }()
	t.Cleanup(func() { conn.Close(); <-done })
	return r
}

// lines are those of the log.
func (r *running) lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.log)
}

func (r *running) client(t *testing.T) *tftpclient.Client {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &tftpclient.Client{Conn: conn, Server: r.address}
}

// Files of all lengths around a block's come whole, with each set of options.
func TestTransfers(t *testing.T) {
	files := map[string][]byte{}
	for _, size := range []int{0, 1, 511, 512, 513, 1467, 1468, 1469, 5000, 100_000} {
		files[fmt.Sprint(size)] = random(size)
	}
	files["long"] = random(66_000 * 8) // its blocks of eight bytes need more numbers than there are
	r := start(t, files)
	for _, tt := range []struct {
		asked, agreed []string
		window        int
	}{
		{nil, nil, 1},
		{[]string{"tsize", "0"}, []string{"tsize SIZE"}, 1},
		{[]string{"BLKSIZE", "1468", "tsize", "0"}, []string{"blksize 1468", "tsize SIZE"}, 1},
		{[]string{"blksize", "65464"}, []string{"blksize 1468"}, 1},
		{[]string{"blksize", "8", "timeout", "3", "windowsize", "64"}, []string{"blksize 8", "timeout 3", "windowsize 64"}, 64},
		{[]string{"blksize", "1024", "windowsize", "4"}, []string{"blksize 1024", "windowsize 4"}, 4},
		{[]string{"windowsize", "1000"}, []string{"windowsize 64"}, 64},
		{[]string{"multicast", "", "blksize", "7", "timeout", "0", "timeout", "x", "blksize", "600", "blksize", "700"}, []string{"blksize 600"}, 1},
	} {
		for name, content := range files {
			if name == "long" && !slices.Contains(tt.asked, "8") {
				continue
			}
			c := r.client(t)
			c.Window = tt.window
			got, options, err := c.Get(tftpclient.Request(name, tt.asked...))
			want := strings.ReplaceAll(strings.Join(tt.agreed, " "), "SIZE", fmt.Sprint(len(content)))
			if err != nil || !bytes.Equal(got, content) || options != want {
				t.Errorf("%s with %q: %d bytes, agreed %q, want %q; %v", name, tt.asked, len(got), options, want, err)
			}
		}
	}
}

// On a network that loses each tenth packet, and sends some of them twice, files come whole.
func TestLoss(t *testing.T) {
	content := random(20_000)
	r := start(t, map[string][]byte{"file": content})
	for _, window := range []int{1, 4, 16} {
		t.Run(fmt.Sprint(window), func(t *testing.T) {
			t.Parallel()
			source := rand.New(rand.NewPCG(1, uint64(window)))
			c := r.client(t)
			c.Window = window
			c.Lose = func() bool { return source.IntN(10) == 0 }
			got, _, err := c.Get(tftpclient.Request("file", "windowsize", fmt.Sprint(window), "blksize", "1000"))
			if err != nil || !bytes.Equal(got, content) {
				t.Errorf("%d of %d bytes, %v", len(got), len(content), err)
			}
		})
	}
}

// Who asks for what cannot be had is told, and the log says what was wanted.
func TestRefusals(t *testing.T) {
	r := start(t, map[string][]byte{"file": []byte("x")})
	for _, tt := range []struct {
		packet []byte
		answer string
		log    string
	}{
		{tftpclient.Request("../etc/passwd"), "error 1: there is no such file here", "TFTP: wants ../etc/passwd: file does not exist"},
		{[]byte("\x00\x02file\x00octet\x00"), "error 4: nothing can be written here", "nothing can be written here"},
		{[]byte("\x00\x01file\x00netascii\x00"), `error 4: files are sent in mode octet (binary) alone, not "netascii"`, "netascii"},
		{[]byte("\x00\x01file"), "error 4: the request names no file, or no mode", "names no file"},
		{[]byte("\x00\x01"), "error 4: the request names no file, or no mode", "names no file"},
		{tftpclient.Request("a\nb\x1b[2J"), "error 1: there is no such file here", `wants a\nb\x1b[2J: file does not exist`},
	} {
		_, _, err := r.client(t).Get(tt.packet)
		if fmt.Sprint(err) != tt.answer {
			t.Errorf("%q: %v, want %s", tt.packet, err, tt.answer)
		}
		if last := r.lines()[len(r.lines())-1]; !strings.Contains(last, tt.log) {
			t.Errorf("%q: the log says %q, want %q", tt.packet, last, tt.log)
		}
	}
	if got, _, err := r.client(t).Get(tftpclient.Request("file")); string(got) != "x" || err != nil {
		t.Errorf("after all this: %q, %v", got, err)
	}
}

// Who sends odd packets without end is not answered without end, and another one gets its file.
func TestFewRefusals(t *testing.T) {
	r := start(t, map[string][]byte{"file": []byte("x")})
	odd := r.client(t).Conn
	begin, answers := time.Now(), 0
	for range 200 { // which the server's buffer holds, so that no request is lost
		if _, err := odd.WriteTo([]byte("\x00\x01file"), r.address); err != nil {
			t.Fatal(err)
		}
	}
	if got, _, err := r.client(t).Get(tftpclient.Request("file")); string(got) != "x" || err != nil {
		t.Errorf("beside it: %q, %v", got, err)
	}
	seconds := int(time.Since(begin).Seconds()) + 2
	odd.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	for buffer := make([]byte, 512); ; answers++ {
		if _, _, err := odd.ReadFrom(buffer); err != nil {
			break
		}
	}
	if answers < 1 || answers > seconds*mostRefusals {
		t.Errorf("%d answers in %d seconds", answers, seconds)
	}
}

// Whoever asks from one port after the other, and never answers, leaves room for others, until it does answer.
func TestOneClientLeavesRoom(t *testing.T) {
	s := &Server{running: make(map[netip.AddrPort]bool), each: make(map[netip.Addr]int)}
	odd, machine := netip.MustParseAddr("10.0.0.9"), netip.MustParseAddrPort("10.0.0.10:2070")
	for port := range uint16(5000) {
		s.begin(netip.AddrPortFrom(odd, port))
	}
	if err := s.begin(machine); err != nil {
		t.Errorf("a machine beside it: %v", err)
	}
	if err := s.begin(netip.AddrPortFrom(odd, 5000)); err == nil {
		t.Error("it can begin any number of transfers")
	}
	for client := range s.running {
		s.end(client)
	}
	if err := s.begin(netip.AddrPortFrom(odd, 5000)); err != nil || len(s.each) != 1 {
		t.Errorf("after the end of all: %v, %v", err, s.each)
	}
}

func random(size int) []byte {
	content := make([]byte, size)
	source := rand.New(rand.NewPCG(uint64(size), 0))
	for i := range content {
		content[i] = byte(source.Uint32())
	}
	return content
}

// Whatever comes first, it is no request, is refused, or is one that makes sense.
func FuzzRequest(f *testing.F) {
	f.Add(tftpclient.Request("boot/file", "blksize", "1468", "tsize", "0", "windowsize", "4", "timeout", "1"), int64(1000))
	f.Add([]byte("\x00\x01a\x00octet\x00blksize\x00000000000000512\x00tsize\x000\x00"), int64(1)<<40)
	f.Fuzz(func(t *testing.T, packet []byte, size int64) {
		bound.Input(t, len(packet))
		asked, err := parse(packet)
		if asked == nil || err != nil {
			return
		}
		terms, confirmation := asked.agree(size, 1468)
		if terms.block < 8 || terms.block > 1468 || terms.window < 1 || terms.window > largestWindow || terms.wait < time.Second {
			t.Errorf("%+v", terms)
		}
		if len(confirmation) > 512 {
			t.Errorf("options of %d bytes are confirmed", len(confirmation))
		}
	})
}

// Whatever a client answers, its transfer goes on or ends: nothing that was not sent counts as received.
func FuzzAcknowledgement(f *testing.F) {
	f.Add([]byte("\x00\x04\x00\x03"), int64(2), uint16(4))
	f.Add([]byte("\x00\x05\x00\x00aborted\x00"), int64(65535), uint16(1))
	f.Fuzz(func(t *testing.T, packet []byte, acked int64, ahead uint16) {
		bound.Input(t, len(packet))
		if acked < 0 || acked > 1<<40 {
			return
		}
		tr := transfer{terms: terms{window: int(ahead)}}
		n, done, err := tr.read(packet, acked, acked+int64(ahead))
		if done && err == nil && (n < acked || n > acked+int64(ahead)) {
			t.Errorf("block %d is acknowledged, of %d to %d", n, acked, acked+int64(ahead))
		}
	})
}
