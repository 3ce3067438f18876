// Package farm has many machines pull from one registry in the same moment.
package farm

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bootrc/oci"
	"bootrc/oci/reference"
	"bootrc/oci/registry"
	"bootrc/oci/store"
	"bootrc/test/built"
	"bootrc/test/example"
	"bootrc/test/namespace"
	"bootrc/test/program"

	"github.com/google/go-containerregistry/pkg/name"
	fake "github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// clients is how many machines there are.
const clients = 50

// here is the registry's address on the bridge that all machines are at.
const here = "10.77.0.1"

// machineVariable tells a process of this program that it is a machine, and which.
const machineVariable = "BOOTRC_TEST_MACHINE"

func TestMain(m *testing.M) {
	if os.Getenv(machineVariable) == "" {
		namespace.Main(m)
	}
	if err := machine(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// machine pulls the image that it is told on its standard input, by way of the mirror, if there is one.
func machine() error {
	order, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		return err
	}
	image, mirror, _ := strings.Cut(strings.TrimSpace(order), " ")
	folder := os.Getenv(machineVariable)
	s, err := store.Open(folder)
	if err != nil {
		return err
	}
	ref, err := reference.Parse(image)
	if err != nil {
		return err
	}
	o := oci.Options{Registry: registry.Options{}, Warn: func(text string) { fmt.Fprintln(os.Stderr, text) }}
	if mirror != "" {
		file := filepath.Join(folder, "registries.conf")
		text := fmt.Sprintf("[[registry]]\nlocation=%q\ninsecure=true\n[[registry.mirror]]\nlocation=%q\ninsecure=true\n", ref.Registry, mirror)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return err
		}
		o.Registry.ConfigFiles = []string{file}
	}
	_, err = oci.Get(context.Background(), s, ref, oci.Always, o)
	return err
}

// crowded is a registry that answers so many requests at a time, and refuses others.
type crowded struct {
	http.Handler
	seats      chan struct{}
	retryAfter string

	mu      sync.Mutex
	begin   time.Time
	asked   []time.Duration // since begin
	refused int
	paths   map[string]int // of requests that were answered
}

func (c *crowded) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	if !c.begin.IsZero() { // or it is the mirror that looks whether it is there
		c.asked = append(c.asked, time.Since(c.begin))
	}
	c.mu.Unlock()
	select {
	case c.seats <- struct{}{}:
	default:
		c.mu.Lock()
		c.refused++
		c.mu.Unlock()
		if c.retryAfter != "" {
			w.Header().Set("Retry-After", c.retryAfter)
		}
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	defer func() { <-c.seats }()
	c.mu.Lock()
	c.paths[r.Method+" "+r.URL.Path]++
	c.mu.Unlock()
	time.Sleep(50 * time.Millisecond) // what an answer costs
	c.Handler.ServeHTTP(w, r)
}

// serve starts it with an image, and returns where that is.
func (c *crowded) serve(t *testing.T) (image string) {
	t.Helper()
	c.Handler = fake.New(fake.Logger(log.New(io.Discard, "", 0)))
	c.seats, c.paths = make(chan struct{}, 10), make(map[string]int)
	listener, err := net.Listen("tcp", here+":0")
	if err != nil {
		t.Fatal(err)
	}
	plain := http.Server{Handler: c.Handler}
	go plain.Serve(listener)
	made, err := random.Image(64<<10, 3)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := name.ParseReference(listener.Addr().String()+"/job", name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(ref, made); err != nil {
		t.Fatal(err)
	}
	own, err := net.Listen("tcp", here+":0")
	if err != nil {
		t.Fatal(err)
	}
	server := http.Server{Handler: c}
	go server.Serve(own)
	t.Cleanup(func() { plain.Close(); server.Close() })
	return own.Addr().String() + "/job"
}

// start has all machines pull in the same moment, and waits for them.
func start(t *testing.T, c *crowded, order string) {
	t.Helper()
	type running struct {
		*exec.Cmd
		stdin io.WriteCloser
		said  bytes.Buffer
	}
	var all []*running
	for i := range clients {
		m := &running{Cmd: exec.Command("/proc/self/exe")}
		m.Env = append(os.Environ(), machineVariable+"="+t.TempDir())
		m.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
		m.Stderr = &m.said
		stdin, err := m.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		m.stdin = stdin
		if err := m.Start(); err != nil {
			t.Fatal(err)
		}
		connect(t, i, m.Process.Pid)
		all = append(all, m)
	}
	c.mu.Lock()
	c.begin = time.Now()
	c.mu.Unlock()
	for _, m := range all {
		fmt.Fprintln(m.stdin, order)
	}
	for i, m := range all {
		if err := m.Wait(); err != nil {
			t.Errorf("machine %d: %v: %s", i, err, &m.said)
		}
	}
}

// connect gives a process's network a cable to the bridge.
func connect(t *testing.T, i, pid int) {
	t.Helper()
	// the kernel takes its time to remove the cable of a machine that is gone
	ip(t, "link add m%d type veth peer name eth0 netns %d", pid, pid)
	ip(t, "link set m%d master farm up", pid)
	out, err := exec.Command("nsenter", "-t", fmt.Sprint(pid), "-n", "sh", "-c",
		fmt.Sprintf("ip link set lo up && ip address add 10.77.1.%d/16 dev eth0 && ip link set eth0 up", i+1)).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func ip(t *testing.T, format string, args ...any) {
	t.Helper()
	words := strings.Fields(fmt.Sprintf(format, args...))
	if out, err := exec.Command(program.Need(t, "ip"), words...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s", strings.Join(words, " "), err, out)
	}
}

func bridge(t *testing.T) {
	t.Helper()
	ip(t, "link set lo up")
	// an address of its own: else it has the least of its ports', which changes when machines go
	ip(t, "link add farm address 52:54:00:b2:c0:00 type bridge")
	ip(t, "address add %s/16 dev farm", here)
	ip(t, "link set farm up")
	t.Cleanup(func() { ip(t, "link delete farm") })
}

// perSecond is how many requests came in each second.
func (c *crowded) perSecond() []int {
	slices.Sort(c.asked)
	counts := make([]int, int(c.asked[len(c.asked)-1]/time.Second)+1)
	for _, at := range c.asked {
		counts[at/time.Second]++
	}
	return counts
}

// Fifty machines ask in the same moment, of a registry that answers ten: all get the image.
func TestManyAtOnce(t *testing.T) {
	for _, retryAfter := range []string{"", "1"} {
		t.Run("Retry-After "+retryAfter, func(t *testing.T) {
			bridge(t)
			c := &crowded{retryAfter: retryAfter}
			start(t, c, c.serve(t))
			t.Logf("%d requests, %d of them refused; in each second: %v", len(c.asked), c.refused, c.perSecond())
			if c.refused == 0 {
				t.Error("the registry had nothing to refuse: nothing was tried")
			}
			if most := clients * 5 * 10; len(c.asked) > most {
				t.Errorf("%d requests are more than %d", len(c.asked), most)
			}
		})
	}
}

// mirrors are programs that fetch what they are asked for from a registry, and keep it. Each has its
// command line for a folder of its own, where it writes its configuration.
var mirrors = map[string]struct {
	once    bool // it asks for each blob once, however many want it meanwhile; or else for each anew
	command func(t *testing.T, folder, address, registry string) []string
}{
	"distribution": {command: func(t *testing.T, folder, address, registry string) []string {
		text := fmt.Sprintf("version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: %s}\nproxy: {remoteurl: http://%s}\n", folder, address, registry)
		return []string{program.Need(t, "docker-registry"), "serve", write(t, folder, text)}
	}},
	"nginx": {once: true, command: func(t *testing.T, folder, address, registry string) []string {
		file, err := built.File("nginx")
		if err != nil {
			t.Fatal(err)
		}
		server, err := example.Marked("../../docs/farm.md", "nginx", "192.168.1.1:5000", address, "https://registry.example", "http://"+registry,
			"/var/cache/nginx", folder)
		if err != nil {
			t.Fatal(err)
		}
		text := "daemon off; master_process off; error_log stderr; pid pid; events {}\nhttp { access_log off;\n"
		for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
			text += kind + "_temp_path " + kind + ";\n"
		}
		return []string{file, "-p", folder, "-c", write(t, folder, text+server+"}\n")}
	}},
}

func write(t *testing.T, folder, text string) (file string) {
	t.Helper()
	file = filepath.Join(folder, "config")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Through a pull-through mirror, too, all get the image.
func TestManyThroughAMirror(t *testing.T) {
	for name, m := range mirrors {
		t.Run(name, func(t *testing.T) {
			bridge(t)
			c := new(crowded)
			image := c.serve(t)
			registry, _, _ := strings.Cut(image, "/")
			address := here + ":5000"
			run(t, address, m.command(t, t.TempDir(), address, registry))
			start(t, c, image+" "+address)
			t.Logf("the registry: %d requests; in each second: %v; answered: %v", len(c.asked), c.perSecond(), c.paths)
			for path, n := range c.paths {
				if m.once && n > 1 {
					t.Errorf("the registry answered %s %d times", path, n)
				}
			}
		})
	}
}

// run runs a program until the test ends, and returns when it answers at an address.
func run(t *testing.T, address string, command []string) {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { cmd.Process.Kill() })
	for {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return
		}
		select {
		case err := <-ended:
			t.Fatalf("%s: %v: %s", command[0], err, said.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
}
