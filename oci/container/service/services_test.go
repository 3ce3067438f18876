package service

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"bootrc/kit/command"
	"bootrc/oci/container"
	"bootrc/oci/container/containertest"
	"bootrc/oci/container/manage"
	"bootrc/oci/container/record"
	"bootrc/oci/container/streams"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// transcript is what several services write, in the order in which they do.
type transcript struct {
	lock sync.Mutex
	text bytes.Buffer
}

func (t *transcript) Write(p []byte) (int, error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	return t.text.Write(p)
}

func (t *transcript) String() string {
	t.lock.Lock()
	defer t.lock.Unlock()
	return t.text.String()
}

// patience is how long a test waits for what must come, on however slow a machine.
const patience = 10 * time.Minute

// await waits until the transcript has this text.
func (t *transcript) await(test *testing.T, text string) {
	test.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if strings.Contains(t.String(), text) {
			return
		}
	}
	test.Fatalf("no %q in\n%s", text, t)
}

// background is a set of services of one test.
type background struct {
	*Services
	*transcript
	image container.Image
}

func newBackground(t *testing.T) *background {
	bundles, state := containertest.Folders(t)
	image := container.Image{Name: "busybox", Layers: []string{containertest.Layer(t)}, Config: v1.Config{Env: []string{"PATH=/bin"}}}
	b := &background{New(context.Background(), container.Runtime{Bundles: bundles, State: state}, nil), new(transcript), image}
	t.Cleanup(func() {
		if err := b.stopNamed(nil); err != nil {
			t.Error(err)
		}
	})
	return b
}

// parse parses options, separated by |.
func parse(words string) (v *container.Invocation, err error) {
	c := container.Declare(command.Command{Name: "start", Run: func(_ context.Context, call *command.Call) (err error) {
		v, err = container.Read(call)
		return err
	}})
	err = c.Do(context.Background(), &command.Call{Name: "start", Args: strings.Split(words+"|img", "|"), Dir: "/tmp"})
	return v, err
}

// startWords starts a service of these options that runs a script.
func (b *background) startWords(t *testing.T, words, script string) (string, error) {
	t.Helper()
	v, err := parse("--stop-timeout=0|" + words)
	if err != nil {
		t.Fatal(err)
	}
	v.Options.Command = []string{"sh", "-c", script}
	one, err := b.start(context.Background(), v, b.image, b.transcript, b.transcript)
	if err != nil {
		return "", err
	}
	return one.name, nil
}

func TestServiceRestarts(t *testing.T) {
	b := newBackground(t)
	folder := t.TempDir()
	name, err := b.startWords(t, "--restart=on-failure|--name=flaky|-v|"+folder+":/count",
		`echo x >>/count/file; n=$(wc -l </count/file); echo "run $n"; [ $n -lt 3 ] && exit 7; exec sleep 1000`)
	if err != nil || name != "flaky" {
		t.Fatal(name, err)
	}
	b.await(t, "flaky | run 3\n")
	// the second pause is the first again where a busy host needs long for a run
	want := regexp.MustCompile(`(?m)^flaky \| run 1\n` +
		`service flaky: ended with status 7, starts again in 100ms\nflaky \| run 2\n` +
		`service flaky: ended with status 7, starts again in [12]00ms\nflaky \| run 3\n`)
	if !want.MatchString(b.String()) {
		t.Errorf("no %s in\n%s", want, b)
	}
	if state := b.list[0].State(); state != "running" {
		t.Errorf("it is %s", state)
	}
}

func TestServiceGivesUp(t *testing.T) {
	b := newBackground(t)
	if _, err := b.startWords(t, "--restart=on-failure:1", "printf partly; exit 7"); err != nil {
		t.Fatal(err)
	}
	b.await(t, "service img: ended with status 7\n")
	want := "img | partly\nservice img: ended with status 7, starts again in 100ms\nimg | partly\nservice img: ended with status 7\n"
	if b.String() != want {
		t.Errorf("got  %q\nwant %q", b, want)
	}
	// its name is free again, and another's is not
	for _, want := range []string{"img-2", "img-3"} {
		if name, err := b.startWords(t, "--rm", "sleep 1000"); err != nil || name != want {
			t.Errorf("%s, %v; want %s", name, err, want)
		}
	}
}

func TestServicesStop(t *testing.T) {
	b := newBackground(t)
	// the program must have got to its trap
	for _, s := range []struct{ words, script string }{
		{"--name=first|--stop-timeout=600", "trap 'echo bye; exit 0' TERM; echo up1; while :; do sleep 0.1; done"},
		{"--name=deaf|--stop-timeout=1", "trap '' TERM; echo up2; while :; do sleep 0.1; done"},
		{"--name=last|--stop-timeout=600|--stop-signal=USR1", "trap 'echo bye; exit 0' USR1; echo up3; while :; do sleep 0.1; done"},
	} {
		if _, err := b.startWords(t, s.words, s.script); err != nil {
			t.Fatal(err)
		}
	}
	for _, up := range []string{"up1", "up2", "up3"} {
		b.await(t, up)
	}
	if err := b.stopNamed([]string{"other"}); err == nil || err.Error() != "no service is named other: `service ls` lists them" {
		t.Errorf("another's name: %v", err)
	}
	deaf := b.list[1]
	if err := b.stopNamed(nil); err != nil {
		t.Fatal(err)
	}
	first, last := strings.Index(b.String(), "first | bye\n"), strings.Index(b.String(), "last | bye\n")
	if last < 0 || first < last {
		t.Errorf("not stopped in reverse order:\n%s", b)
	}
	if state := deaf.State(); state != "stopped, status 137" {
		t.Errorf("the deaf one: %s", state)
	}
}

func TestServiceCannotStart(t *testing.T) {
	b := newBackground(t)
	v, err := parse("--restart=always")
	if err != nil {
		t.Fatal(err)
	}
	v.Options.Command = []string{"/no-such"}
	if _, err := b.start(context.Background(), v, b.image, b.transcript, b.transcript); container.StatusOf(err) != container.StatusNotFound {
		t.Errorf("error %v, status %d", err, container.StatusOf(err))
	}
	if len(b.list) != 0 {
		t.Errorf("%d services", len(b.list))
	}
}

func TestServiceHealth(t *testing.T) {
	for _, tt := range []struct {
		name, words, script, err string
	}{
		{"ready later", "--health-cmd=test -e /tmp/ready|--health-interval=100ms|--health-retries=1000000", "sleep 0.5; touch /tmp/ready; sleep 1000", ""},
		{"never ready", "--health-cmd=echo not yet; exit 3|--health-interval=100ms|--health-retries=3", "sleep 1000",
			"service img: unhealthy: the check ended with status 3: not yet"},
		{"floods", "--health-cmd=yes|--health-interval=100ms|--health-retries=1|--health-timeout=500ms", "sleep 1000",
			"service img: unhealthy: the check took longer than 500ms"},
		{"says much", "--health-cmd=i=0; while [ $i -lt 300 ]; do printf 'a\\033[2Jb '; i=$((i+1)); done; exit 3|--health-interval=100ms|--health-retries=1", "sleep 1000",
			"service img: unhealthy: the check ended with status 3: " + strings.Repeat("a [2Jb ", 71) + "a ["},
		{"hangs", "--health-cmd=sleep 1000|--health-interval=100ms|--health-retries=1|--health-timeout=200ms", "sleep 1000",
			"service img: unhealthy: the check took longer than 200ms"},
		{"ends", "--health-cmd=false|--health-interval=100ms|--health-retries=1000000", "sleep 0.5", "service img: ended before it was healthy"},
		{"none", "--no-healthcheck", "sleep 1000", ""},
		{"words", `--health-cmd=["test","-e","/data/file"]`, "sleep 1000", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newBackground(t).startWords(t, tt.words, tt.script)
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || err.Error() != tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
}

// What an image checks of itself is said where it fails, and ends nothing, unless the options
// ask for checks.
func TestServiceHealthOfImage(t *testing.T) {
	for _, tt := range []struct {
		name, words, script, err, said string
	}{
		{"fails", "--rm", "sleep 1000", "", "service img: unhealthy: the check ended with status 3: not yet; it goes on"},
		{"is there", "--rm", "touch /tmp/ready; sleep 1000", "", ""},
		{"ends", "--rm", "exit 4", "", "service img: ended with status 4"},
		{"asked for", "--health-retries=1", "sleep 1000", "service img: unhealthy: the check ended with status 3: not yet", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBackground(t)
			b.image.Config.Healthcheck = &v1.HealthConfig{
				Test: []string{"CMD-SHELL", "test -e /tmp/ready || { echo not yet; exit 3; }"}, Interval: 100 * time.Millisecond, Retries: 2,
			}
			_, err := b.startWords(t, tt.words, tt.script)
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || err.Error() != tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if b.await(t, tt.said); strings.Count(b.String(), "unhealthy") > 1 {
				t.Errorf("said more than once: %s", b)
			}
		})
	}
}

// A service is checked for as long as it lives, in each container that it has: what the image checks, too.
func TestHealthIsWatched(t *testing.T) {
	for name, words := range map[string]string{
		"the image's": "--restart=always",
		"asked for":   "--restart=always|--health-cmd=test -e /run/ok|--health-interval=50ms|--health-retries=2",
	} {
		t.Run(name, func(t *testing.T) {
			b := newBackground(t)
			b.runtime.Records = record.Folder(t.TempDir() + "/records")
			b.image.Config.Healthcheck = &v1.HealthConfig{Test: []string{"CMD-SHELL", "test -e /run/ok"}, Interval: 50 * time.Millisecond, Retries: 2}
			script := "touch /run/ok; while ! [ -e /run/end ]; do sleep 0.05; done"
			if _, err := b.startWords(t, words, script); err != nil {
				t.Fatal(err)
			}
			one := b.list[0]
			do := func(words ...string) {
				t.Helper()
				if _, err := one.current().Exec(t.Context(), words, streams.Stdio{Stdout: io.Discard, Stderr: io.Discard}); err != nil {
					t.Fatal(err)
				}
			}
			awaitHealth := func(want string) {
				t.Helper()
				for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
					r, err := b.runtime.Records.Get("img")
					if err == nil && one.State() == want && r.State.Health != nil && r.State.Health.Status == want {
						return
					}
				}
				t.Fatalf("it is %s, not %s\n%s", one.State(), want, b)
			}
			awaitHealth(healthGood)
			do("rm", "/run/ok")
			awaitHealth(healthBad)
			b.await(t, "service img: unhealthy: the check ended with status 1: : none\n")
			do("touch", "/run/end")
			b.await(t, "service img: ended with status 0, starts again in 100ms\n")
			awaitHealth(healthGood)
			if n := strings.Count(b.String(), "unhealthy"); n != 1 {
				t.Errorf("said %d times:\n%s", n, b)
			}
		})
	}
}

// What becomes unhealthy after it was healthy is killed, stopped or started again.
func TestHealthOnFailure(t *testing.T) {
	for action, want := range map[string]string{
		"kill":    "service img: ended with status 137\n",
		"restart": "service img: ended with status 137, starts again in ",
		"stop":    ": stop\n",
	} {
		t.Run(action, func(t *testing.T) {
			b := newBackground(t)
			words := "--health-cmd=test -e /run/ok|--health-interval=50ms|--health-retries=2|--health-on-failure=" + action
			// a check that has seen the file must have ended before it goes
			script := "trap '' TERM; echo begin; touch /run/ok; while ! [ -e /run/go ]; do sleep 0.05; done; rm /run/ok; exec sleep 1000"
			if _, err := b.startWords(t, words, script); err != nil {
				t.Fatal(err)
			}
			one := b.list[0]
			if _, err := one.current().Exec(t.Context(), []string{"touch", "/run/go"}, streams.Stdio{Stdout: io.Discard, Stderr: io.Discard}); err != nil {
				t.Fatal(err)
			}
			b.await(t, "service img: unhealthy: the check ended with status 1: : "+action+"\n")
			b.await(t, want)
			if action == "restart" {
				b.await(t, "begin\nservice img: unhealthy: the check ended with status 1: : restart\n"+want+"100ms\nimg | begin\n")
				return
			}
			<-one.done
		})
	}
}

// A service that somebody else stops is not started again.
func TestServiceStoppedByRecord(t *testing.T) {
	b := newBackground(t)
	b.runtime.Records = record.Folder(t.TempDir() + "/records")
	for name, script := range map[string]string{"runs": "sleep 1000", "waits": "exit 7"} {
		if _, err := b.startWords(t, "--restart=always|--name="+name, script); err != nil {
			t.Fatal(err)
		}
	}
	b.await(t, "service waits: ended with status 7, starts again in 200ms")
	stop := manage.Commands(b.runtime)[0]
	call := &command.Call{Name: "containers", Args: []string{"stop", "runs", "waits"}, Stdout: b.transcript, Stderr: b.transcript}
	if status := stop.Execute(context.Background(), call); status != 0 {
		t.Fatalf("status %d\n%s", status, b)
	}
	for _, one := range b.list {
		<-one.done
		if state := one.State(); !strings.HasPrefix(state, "stopped, status ") {
			t.Errorf("%s: %s", one.name, state)
		}
	}
	if r, err := b.runtime.Records.Get("waits"); err != nil || r.RestartCount == 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestPauses(t *testing.T) {
	var p pauses
	for i, want := range []time.Duration{firstPause, 2 * firstPause, 4 * firstPause} {
		if got := p.after(0); got != want {
			t.Errorf("%d: %v, want %v", i, got, want)
		}
	}
	for range 20 {
		p.after(0)
	}
	if got := p.after(0); got != longPause {
		t.Errorf("the longest is %v", got)
	}
	if got := p.after(settled); got != firstPause {
		t.Errorf("after it had settled: %v", got)
	}
}

func TestNameOf(t *testing.T) {
	for reference, want := range map[string]string{
		"docker://10.0.2.2:5000/a/web:1.0": "web",
		"alpine":                           "alpine",
		"quay.io/x/y@sha256:0123":          "y",
		"oci:/images/layout:tag":           "layout",
		"docker-archive:/images/-odd":      "service",

		"sha256:" + strings.Repeat("0123456789abcdef", 4): "0123456789ab",
		strings.Repeat("0123456789abcdef", 4):             "0123456789ab",
		strings.Repeat("0123456789abcdef", 3):             strings.Repeat("0123456789abcdef", 3), // a name
	} {
		if got := nameOf(reference); got != want {
			t.Errorf("%s: %s, want %s", reference, got, want)
		}
	}
}
