package boot

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootrc/init/console"
	"bootrc/kit/command"
	"bootrc/sh"
)

// A hook that never ends is left behind: later hooks run, and know the arguments and
// the result.
func TestStuckHookIsLeftBehind(t *testing.T) {
	release, hangs := make(chan struct{}), make(chan struct{})
	defer close(release)
	hang := command.Command{Name: "hang", Summary: "never end", Run: func(context.Context, *command.Call) error {
		close(hangs)
		<-release
		return nil
	}}
	name := filepath.Join(t.TempDir(), "console")
	terminal, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	given, err := firstArguments("b2c.hostname=box", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b, err := newBoot([]command.Command{hang}, nil, given, "", console.New(terminal), new(ahead))
	if err != nil {
		t.Fatal(err)
	}
	run := func(ctx context.Context, text string) error {
		return b.runWithin(ctx, sh.Parse("50-test.sh", text), sh.Options{}, time.Millisecond)
	}
	if err := run(t.Context(), "B2C_PIPELINE_SHUTDOWN_MODE=reboot"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-hangs
		cancel()
	}()
	if err := run(ctx, "hang"); err == nil {
		t.Error("a hook that hangs passes for one that ended")
	}
	if err := run(t.Context(), `report "$b2c_hostname, $B2C_PIPELINE_SHUTDOWN_MODE"`); err != nil {
		t.Error(err)
	}
	shown, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"told to end: it is left behind", ": box, reboot\n"} {
		if !strings.Contains(string(shown), want) {
			t.Errorf("no %q in %q", want, shown)
		}
	}
}
