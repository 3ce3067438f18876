package manage

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"bootrc/kit/command"
	"bootrc/oci/container"
	"bootrc/oci/container/containertest"
	"bootrc/oci/container/record"
	"bootrc/oci/container/streams"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// bench is a runtime whose containers are looked into.
type bench struct {
	*testing.T
	container.Runtime
	image container.Image
}

func newBench(t *testing.T) *bench {
	bundles, state := containertest.Folders(t)
	r := container.Runtime{Bundles: bundles, State: state, Records: record.Folder(filepath.Join(t.TempDir(), "records"))}
	image := container.Image{Name: "busybox", ID: "0123", Layers: []string{containertest.Layer(t)}, Config: v1.Config{Env: []string{"PATH=/bin", "A=1"}}}
	return &bench{t, r, image}
}

func (b *bench) create(o container.Options, script string) *container.Container {
	b.Helper()
	o.Command = []string{"sh", "-c", script}
	c, err := b.Runtime.Create(b.image, o, streams.Stdio{Stdout: io.Discard, Stderr: io.Discard}, unix.SIGTERM)
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// start starts a container in the background, and returns what waits for its status.
func (b *bench) start(o container.Options, script string) (wait func() int) {
	b.Helper()
	c := b.create(o, script)
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	done := make(chan int, 1)
	go func() {
		status, _ := c.Wait(context.Background())
		done <- status
	}()
	return func() int { return <-done }
}

// await waits until a call says that.
func (b *bench) await(words, want string) {
	b.Helper()
	var said string
	for end := time.Now().Add(10 * time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if said, _ = b.say(words); regexp.MustCompile(want).MatchString(said) {
			return
		}
	}
	b.Fatalf("%s: no %s in %q", words, want, said)
}

// say calls the command with these words, separated by |.
func (b *bench) say(words string) (string, int) {
	var out bytes.Buffer
	c := Commands(b.Runtime)[0]
	call := &command.Call{Name: c.Name, Stdin: strings.NewReader("typed\n"), Stdout: &out, Stderr: &out, Env: []string{"CALLER=typed"}}
	if words != "" {
		call.Args = strings.Split(words, "|")
	}
	status := c.Execute(b.Context(), call)
	return out.String(), int(status)
}

func TestLookIn(t *testing.T) {
	b := newBench(t)
	waiting := b.create(container.Options{Name: "waiting"}, "echo never")
	defer waiting.Discard(nil)
	db := b.start(container.Options{Name: "db", User: "nobody", Workdir: "/data"}, "echo one; echo two; echo three >&2; exec sleep 1000")
	over := b.start(container.Options{Name: "over"}, "echo bye; exit 7")
	if status := over(); status != 7 {
		t.Errorf("status %d", status)
	}
	b.await("logs|db", "three")
	for _, tt := range []struct {
		words, want string // a regular expression
		status      int
	}{
		{"exec|db|sh|-c|id -un; echo $A; pwd; exit 3", "^nobody\n1\n/data\n$", 3},
		{"exec|-u|root|-w|/|-e|B=2|db|sh|-c|id -un; echo $A$B; pwd", "^root\n12\n/\n$", 0},
		{"exec|-e|CALLER|-e|NONE|-e|A=2|db|sh|-c|echo $CALLER$A${NONE-x}", "^typed2x\n$", 0},
		{"exec|-u|root|db|grep|CapEff|/proc/self/status", "^CapEff:\t00000000800405fb\n$", 0},
		{"exec|db|grep|CapEff|/proc/self/status", "^CapEff:\t0000000000000000\n$", 0},
		{"exec|-t|db|tty", "^/dev/pts/0\r\n$", 0},
		{"exec|-i|db|cat", "^typed\n$", 0},
		{"exec|db|/no-such", "^containers: starting /no-such: ", 127},
		{"exec|-u|none|db|true", `^containers: user "none": `, 125},
		{"exec|over|true", "^containers: over: it is not running\n$", 125},
		{"exec|waiting|true", "^containers: waiting: it is not running\n$", 125},
		{"exec|other|true", "^containers: other: no such container in this boot\n$", 125},
		{"exec|../records/db|true", "no such container", 125},
		{"logs|db", "^one\ntwo\nthree\n$", 0},
		{"logs|--tail|1|db", "^three\n$", 0},
		{"logs|--tail|0|db", "^$", 0},
		{"logs|--tail|9|over", "^bye\n$", 0},
		{"logs|-f|over", "^bye\n$", 0},
		{"logs|waiting", "^$", 0},
		{"logs|other", "no such container", 1},
		{"", `(?s)^NAME +IMAGE +COMMAND +STATUS\nwaiting +busybox +sh -c echo never +Created\ndb +busybox +sh -c echo one; .*… +Up \d+s\nover +busybox +sh -c echo bye; exit 7 +Exited \(7\) \d+s ago\n$`, 0},
		{"-q", "^waiting\ndb\nover\n$", 0},
		{"stats", `^NAME +CPU TIME +MEMORY +LIMIT +PIDS\ndb +\d.*s +\d.* +none +1\n$`, 0},
		{"stats|over", "over: it is not running", 1},
		{"kill|-s|no-signal|db", "invalid signal", 2},
		{"kill|over", "over: it is not running", 1},
		{"kill|over|db", "over: it is not running", 1}, // and the other one gets it
	} {
		if said, status := b.say(tt.words); status != tt.status || !regexp.MustCompile(tt.want).MatchString(said) {
			t.Errorf("%s: status %d, %q; want %d, %s", tt.words, status, said, tt.status, tt.want)
		}
	}
	if status := db(); status != 128+int(unix.SIGKILL) {
		t.Errorf("killed: status %d", status)
	}
}

func TestInspect(t *testing.T) {
	b := newBench(t)
	b.Secrets = b.TempDir()
	if err := os.WriteFile(filepath.Join(b.Secrets, "word"), []byte("hush"), 0o600); err != nil {
		t.Fatal(err)
	}
	quota, period, grace := int64(30_000), uint64(20_000), 500*time.Millisecond
	wait := b.start(container.Options{
		Name: "job", Privileged: true, Hostname: "box", StopTimeout: &grace,
		Secrets:   []container.Secret{{Name: "word", Env: true, Target: "WORD"}},
		Resources: specs.LinuxResources{CPU: &specs.LinuxCPU{Quota: &quota, Period: &period}},
	}, "[ ${#WORD} = 4 ] && exit 9")
	wait()
	said, status := b.say("inspect|job|other")
	if strings.Contains(said, "hush") {
		t.Errorf("a secret is shown: %s", said)
	}
	var list []struct {
		Name, Image, ImageName, Path string
		Args                         []string
		State                        struct {
			Status   string
			Running  bool
			ExitCode int
		}
		Config struct {
			Hostname    string
			Env         []string
			StopTimeout int
		}
		HostConfig struct {
			Privileged  bool
			NetworkMode string
			NanoCpus    int64
		}
		Process *struct{}
	}
	text, _, _ := strings.Cut(said, "\ncontainers:")
	if err := json.Unmarshal([]byte(text), &list); err != nil || len(list) != 1 || status != 1 {
		t.Fatalf("%v, status %d, %s", err, status, said)
	}
	if r := list[0]; r.Name != "job" || r.Image != "0123" || r.ImageName != "busybox" || r.Path != "sh" || len(r.Args) != 2 || r.State.Status != "exited" ||
		r.State.Running || r.State.ExitCode != 9 || r.Config.Hostname != "box" || !r.HostConfig.Privileged || r.HostConfig.NetworkMode != "host" || r.Process != nil ||
		r.HostConfig.NanoCpus != 1_500_000_000 || r.Config.StopTimeout != 1 || !slices.Contains(r.Config.Env, "A=1") {
		t.Errorf("%+v", r)
	}
}

// A container that is asked to end gets its signal, and is killed if it does not hear it.
func TestStop(t *testing.T) {
	b := newBench(t)
	long, none := 10*time.Minute, time.Duration(0)
	hears := b.start(container.Options{Name: "hears", StopTimeout: &long, StopSignal: unix.SIGUSR2}, "trap 'echo bye; exit 5' USR2; echo up; while :; do sleep 0.1; done")
	deaf := b.start(container.Options{Name: "deaf", StopTimeout: &long}, "trap '' TERM; echo up; exec sleep 1000")
	at := b.start(container.Options{Name: "at-once", StopTimeout: &none}, "trap '' TERM; echo up; exec sleep 1000")
	for _, name := range []string{"hears", "deaf", "at-once"} {
		b.await("logs|"+name, "up")
	}
	if said, status := b.say("stop|hears|at-once"); status != 0 || said != "" {
		t.Errorf("status %d, %q", status, said)
	}
	if said, status := b.say("stop|-t|1|deaf"); status != 0 || said != "" {
		t.Errorf("status %d, %q", status, said)
	}
	if a, b, c := hears(), deaf(), at(); a != 5 || b != 137 || c != 137 {
		t.Errorf("statuses %d, %d, %d", a, b, c)
	}
	if said, _ := b.say("logs|hears"); said != "up\nbye\n" {
		t.Errorf("it said %q", said)
	}
	for _, name := range []string{"hears", "at-once"} { // their names are free at once
		defer b.create(container.Options{Name: name}, "true").Discard(nil)
	}
	if said, status := b.say("stop|hears"); status != 0 || said != "" { // it does not run
		t.Errorf("again: status %d, %q", status, said)
	}
	if _, status := b.say("stop|other"); status != 1 {
		t.Errorf("one that there was not: status %d", status)
	}
}

// A log keeps its end, and who follows it misses nothing of what is written meanwhile.
func TestLongLog(t *testing.T) {
	b := newBench(t)
	wait := b.start(container.Options{Name: "job"}, "echo up; i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done")
	b.await("logs|job", "up|line")
	said, status := b.say("logs|-f|job")
	if wait(); status != 0 || !strings.HasSuffix(said, "line 19998\nline 19999\n") {
		t.Errorf("status %d, %.100q … %q", status, said, said[max(len(said)-100, 0):])
	}
	said, _ = b.say("logs|job")
	if len(said) < 32<<10 || len(said) > 64<<10 || !strings.HasSuffix(said, "line 19999\n") {
		t.Errorf("%d bytes are kept, %.100q", len(said), said)
	}
}

// A container whose runner was killed is stopped all the same, though nobody writes that down.
func TestStopAbandoned(t *testing.T) {
	if folder := os.Getenv("ABANDONED"); folder != "" {
		r := container.Runtime{Bundles: folder + "/bundles", State: folder + "/state", Records: record.Folder(folder + "/records")}
		image := container.Image{Layers: []string{folder + "/layer"}, Config: v1.Config{Env: []string{"PATH=/bin"}}}
		o := container.Options{Name: "job", Command: []string{"sh", "-c", "trap '' TERM; echo up; exec sleep 1000"}}
		r.Run(t.Context(), image, o, streams.Stdio{Stdout: os.Stdout, Stderr: os.Stderr})
		return
	}
	b, folder := newBench(t), t.TempDir()
	b.Bundles, b.State, b.Records = folder+"/bundles", folder+"/state", record.Folder(folder+"/records")
	if err := os.Rename(b.image.Layers[0], folder+"/layer"); err != nil {
		t.Fatal(err)
	}
	b.image.Layers = []string{folder + "/layer"}
	runner := exec.Command(os.Args[0], "-test.run=^TestStopAbandoned$")
	runner.Env = append(os.Environ(), "ABANDONED="+folder)
	if err := runner.Start(); err != nil {
		t.Fatal(err)
	}
	b.await("logs|job", "up")
	runner.Process.Kill()
	runner.Wait()
	if said, status := b.say("stop|-t|1|job"); status != 0 || said != "" {
		t.Errorf("status %d, %q", status, said)
	}
	b.start(container.Options{Name: "job"}, "true")() // and nothing of it is left
}
