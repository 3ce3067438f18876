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
	ip(t, "link add farm type bridge")
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

// Through a pull-through mirror, too, all get the image. How often that asks the registry for a
// blob that it is just fetching is the mirror's matter.
func TestManyThroughAMirror(t *testing.T) {
	bridge(t)
	c := new(crowded)
	image := c.serve(t)
	registry, _, _ := strings.Cut(image, "/")
	folder := t.TempDir()
	config := filepath.Join(folder, "config.yml")
	address := here + ":5000"
	text := fmt.Sprintf("version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: %s}\nproxy: {remoteurl: http://%s}\n", folder, address, registry)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	mirror := exec.Command(program.Need(t, "docker-registry"), "serve", config)
	mirror.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var said bytes.Buffer
	mirror.Stdout, mirror.Stderr = &said, &said
	if err := mirror.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- mirror.Wait() }()
	defer mirror.Process.Kill()
	for {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			break
		}
		select {
		case err := <-ended:
			t.Fatalf("the mirror: %v: %s", err, said.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	start(t, c, image+" "+address)
	t.Logf("the registry: %d requests; in each second: %v; answered: %v", len(c.asked), c.perSecond(), c.paths)
}
