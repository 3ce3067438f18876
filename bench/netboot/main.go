// Netboot measures the netboot server (media/serve): 200 machines at once, machines that send nonsense, and its
// throughput beside nginx, dnsmasq and tftpd-hpa. ../netboot.sh runs it.
package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"bootrc/test/lan"
	"bootrc/test/namespace"
)

// address is the server's, where the machines boot.
const address = "10.77.0.1/16"

func main() {
	runtime.LockOSThread() // what it starts ends with the thread that started it
	var b bench
	flag.StringVar(&b.programs, "programs", "", "the `FOLDER` with serve, nginx and in.tftpd")
	flag.IntVar(&b.clients, "clients", 200, "`N` machines at once")
	flag.DurationVar(&b.odd, "odd", 10*time.Minute, "send nonsense for a `TIME`")
	flag.IntVar(&b.rounds, "rounds", 5, "measure the throughput `N` times")
	flag.Parse()
	status, inside := namespace.Enter()
	if inside {
		if err := b.run(); err != nil {
			fmt.Fprintf(os.Stderr, "netboot: %v\n", err)
			status = 1
		}
	}
	os.Exit(status)
}

type bench struct {
	programs string
	clients  int
	odd      time.Duration
	rounds   int

	tree   string
	hashes map[string][32]byte // of the tree's files
	hosts  []*lan.Host
}

// Sizes of the files, in bytes: those of a kernel, of an initramfs with drivers, and of what the
// throughput is measured with.
var sizes = map[string]int{
	"ipxe/undionly.kpxe": 74_213, "ipxe/snponly.amd64.efi": 173_792, "amd64/vmlinuz": 8 << 20, "amd64/initramfs": 16 << 20,
	"public/large": 128 << 20, "public/small": 4 << 20,
}

func (b *bench) run() error {
	work, err := os.MkdirTemp("", "netboot")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := b.fill(work); err != nil {
		return err
	}
	if err := lan.Make(address); err != nil {
		return err
	}
	if b.rounds > 0 {
		if err := b.throughput(work); err != nil {
			return err
		}
	}
	if b.clients == 0 {
		return nil
	}
	return b.machines(work)
}

// fill makes the tree.
func (b *bench) fill(work string) error {
	b.tree, b.hashes = filepath.Join(work, "tree"), make(map[string][32]byte)
	for name, size := range sizes {
		content := make([]byte, size)
		for i, state := 0, uint64(size); i+8 <= size; i += 8 {
			state = state*6364136223846793005 + 1442695040888963407
			for j := range 8 {
				content[i+j] = byte(state >> (8 * j))
			}
		}
		b.hashes[name] = sha256.Sum256(content)
		if err := write(filepath.Join(b.tree, name), content); err != nil {
			return err
		}
	}
	return write(filepath.Join(b.tree, "arguments/default"), []byte("console=ttyS0 b2c.run=x\n"))
}

func write(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, content, 0o644)
}
