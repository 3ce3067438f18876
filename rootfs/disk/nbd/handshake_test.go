package nbd

import (
	"encoding/binary"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		text string
		want Spec
		err  string
	}{
		{"/dev/nbd0,host=h", Spec{Host: "h", Port: "10809", Connections: 1, Timeout: time.Minute}, ""},
		{"nbd12,host=[2001:db8::1],port=1,connections=4,name=a,timeout=5", Spec{12, "2001:db8::1", "1", 4, "a", 5 * time.Second}, ""},
		{"/dev/nbd0", Spec{}, "host=HOST is missing"},
		{"/dev/sda,host=h", Spec{}, `"/dev/sda" is no device such as /dev/nbd0`},
		{"/dev/nbd-1,host=h", Spec{}, `"/dev/nbd-1" is no device such as /dev/nbd0`},
		{"/dev/nbd0p1,host=h", Spec{}, `"/dev/nbd0p1" is no device such as /dev/nbd0`},
		{"/dev/nbd0,host=h,port=nbd", Spec{}, "port=nbd: not 1 to 65535"},
		{"/dev/nbd0,host=h,timeout=1m", Spec{}, "timeout=1m: not a number of seconds"},
		{"/dev/nbd0,host=h,connections=0", Spec{}, "connections=0: not 1 to 64"},
		{"/dev/nbd0,host=h,conections=2", Spec{}, `"conections=2": expected host=, port=, connections=, name= or timeout=`},
	} {
		got, err := Parse(tt.text)
		if got != tt.want || message(err) != tt.err {
			t.Errorf("Parse(%q) = %+v, %q; want %+v, %q", tt.text, got, message(err), tt.want, tt.err)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// QEMU's own server understands all that is asked.
func TestNegotiateWithQEMU(t *testing.T) {
	dir := t.TempDir()
	disk, socket := filepath.Join(dir, "disk"), filepath.Join(dir, "socket")
	if err := os.WriteFile(disk, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	server := exec.Command("qemu-nbd", "--persistent", "--shared=2", "--socket="+socket, "--export-name=disk", "--format=raw", disk)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Process.Kill(); server.Wait() })
	e, err := negotiate(dial(t, socket), "disk")
	if err != nil || e.size != 1<<20 || e.flags&flagMultiConn == 0 || e.flags&flagReadOnly != 0 || e.blockSize == 0 {
		t.Errorf("got %+v, %v", e, err)
	}
	if _, err := negotiate(dial(t, socket), "other"); !strings.HasPrefix(message(err), "it has no such export") {
		t.Errorf("another export: %v", err)
	}
}

func dial(t *testing.T, socket string) net.Conn {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Minute); ; {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			t.Cleanup(func() { conn.Close() })
			return conn
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// greeting is what a server of the fixed new style says first.
var greeting = words(uint64(initMagic), uint64(optionMagic), uint16(flagFixedNewstyle|flagNoZeroes))

// words puts numbers into the protocol's order.
func words(numbers ...any) string {
	var b strings.Builder
	for _, n := range numbers {
		binary.Write(&b, binary.BigEndian, n)
	}
	return b.String()
}

func reply(kind uint32, data string) string {
	return words(uint64(replyMagic), uint32(optionGo), kind, uint32(len(data))) + data
}

func TestNegotiate(t *testing.T) {
	size := words(uint16(infoExport), uint64(1<<20), uint16(flagReadOnly))
	for name, tt := range map[string]struct {
		says string
		want export
		err  string
	}{
		"go":               {greeting + reply(replyInfo, size) + reply(replyAck, ""), export{size: 1 << 20, flags: flagReadOnly}, ""},
		"with block size":  {greeting + reply(replyInfo, words(uint16(infoBlockSize), uint32(4096), uint32(4096), uint32(1<<20))) + reply(replyInfo, size) + reply(replyAck, ""), export{1 << 20, flagReadOnly, 4096}, ""},
		"unknown info":     {greeting + reply(replyInfo, words(uint16(9))+"?") + reply(replyInfo, size) + reply(replyAck, ""), export{size: 1 << 20, flags: flagReadOnly}, ""},
		"without go":       {greeting + reply(replyUnsupported, "") + words(uint64(1<<20), uint16(flagMultiConn)), export{size: 1 << 20, flags: flagMultiConn}, ""},
		"empty":            {greeting + reply(replyAck, ""), export{}, "its export is empty"},
		"no such export":   {greeting + reply(replyError+6, "gone fishing"), export{}, `it has no such export: "gone fishing"`},
		"TLS":              {greeting + reply(replyError+5, ""), export{}, "it wants TLS"},
		"unknown error":    {greeting + reply(replyError+99, ""), export{}, "it refuses, with error 0x80000063"},
		"hangs up":         {greeting, export{}, "it ended the connection"},
		"cut":              {greeting + reply(replyInfo, size)[:30], export{}, "it ended the connection"},
		"old style":        {words(uint64(initMagic), uint64(0x00420281861253)) + strings.Repeat("\x00", 136), export{}, "it does not speak NBD, or only its old style"},
		"not fixed":        {words(uint64(initMagic), uint64(optionMagic), uint16(0)), export{}, "it does not speak NBD's fixed new style"},
		"a mail server":    {"220 mail.example.org ESMTP ready when you are", export{}, "it does not speak NBD, or only its old style"},
		"another reply":    {greeting + words(uint64(1), uint32(optionGo), uint32(replyAck), uint32(0)), export{}, "its reply is no NBD"},
		"an endless reply": {greeting + words(uint64(replyMagic), uint32(optionGo), uint32(replyInfo), uint32(1<<31)), export{}, "its reply is no NBD"},
		"nothing":          {"", export{}, "it ended the connection"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := negotiate(connect(t, tt.says), "")
			if got != tt.want || message(err) != tt.err {
				t.Errorf("got %+v, %q; want %+v, %q", got, message(err), tt.want, tt.err)
			}
		})
	}
}

// connect connects to a server that says what it is told to, and no more.
func connect(t *testing.T, says string) net.Conn {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	server, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	if _, err := io.WriteString(server, says); err != nil {
		t.Fatal(err)
	}
	server.(*net.TCPConn).CloseWrite()
	return conn
}

func TestSilentServer(t *testing.T) {
	ours, theirs := net.Pipe()
	defer theirs.Close()
	ours.SetDeadline(time.Now().Add(10 * time.Millisecond))
	if _, err := negotiate(ours, ""); message(err) != "it does not answer, or not as NBD does" {
		t.Errorf("got %v", err)
	}
}
