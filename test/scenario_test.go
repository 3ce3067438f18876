package test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"bootrc/test/machine"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScenarios runs the scripts of scenarios/, as many at a time as -parallel
// says.
func TestScenarios(t *testing.T) {
	newLab(t, "").run(t, "scenarios/*")
}

// TestMatrix runs the scripts of matrix/, whose machines have what real ones have: those of PCs, and
// the usual one for what is plugged in, on each of Debian's generic kernels with all of its modules;
// the others on the kernels that they name.
func TestMatrix(t *testing.T) {
	for _, series := range []string{"6.12-generic", "6.1-generic"} {
		t.Run(series, func(t *testing.T) {
			newLab(t, series).run(t, "matrix/pc/*", "scenarios/hotplug.txtar")
		})
	}
	t.Run("other", func(t *testing.T) {
		newLab(t, "").run(t, "matrix/other/*")
	})
}

// TestHangs runs the scripts of hangs/: machines on which something never ends.
func TestHangs(t *testing.T) {
	newLab(t, "").run(t, "hangs/*")
}

// TestContainers runs the scripts of containers/: programs that want much of a machine, in
// containers, as people have them.
func TestContainers(t *testing.T) {
	newLab(t, "").run(t, "containers/*")
}

// TestMedia runs the scripts of media/: what mkinitramfs.sh makes of an initramfs, started by real firmware
// or, for a kernel's test, by --boot.
func TestMedia(t *testing.T) {
	newLab(t, "").run(t, "media/*")
}

// TestMend runs the scripts of mend/: broken machines that a person mends from their shells.
func TestMend(t *testing.T) {
	newLab(t, "").run(t, "mend/*")
}

func newLab(t *testing.T, series string) *lab {
	dir := t.TempDir()
	registry, err := startRegistry(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(registry.stop)
	l := &lab{series: series, builder: &builder{dir: dir}, registry: registry}
	l.plain = sync.OnceValues(l.bootPlain)
	return l
}

// run runs the scripts that match.
func (l *lab) run(t *testing.T, patterns ...string) {
	var files []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d scripts, %v", pattern, len(found), err)
		}
		files = append(files, found...)
	}
	testscript.Run(t, testscript.Params{Files: files, Setup: l.setup, Cmds: commands, RequireUniqueNames: true})
}

func TestFaultsOnTheConsole(t *testing.T) {
	for output, fault := range map[string]string{
		"[    4.2] Kernel panic - not syncing: Attempted to kill init!\r\n": "kernel-fault",
		"[    1.4] Oops: int3: 0000 [#1] PREEMPT SMP NOPTI\r\n":             "kernel-fault",
		"watchdog: BUG: soft lockup - CPU#0 stuck for 22s!\r\n":             "kernel-fault",
		"BUG: kernel NULL pointer dereference, address: 8\r\n":              "kernel-fault",
		"EFI stub: ERROR: FIRMWARE BUG: Image BSS overlaps adjacent\r\n":    "",
		"panic: runtime error: index out of range\r\n":                      "go-panic",
		"\x1b[1mfatal error: all goroutines are asleep - deadlock!\r\n":     "go-panic",
		"SIGSEGV: segmentation violation\r\n":                               "go-panic",
		"goroutine 1 [running]:\r\n":                                        "go-panic",
		"the word panic: in a line\r\n":                                     "",
		"echo goroutine 1\r\n":                                              "",
		"[    0.1] Kernel command line: panic=-1\r\n":                       "",
	} {
		for _, allowed := range []string{"", "kernel-fault", "go-panic"} {
			s := &scenario{running: ended(output), allowed: map[string]bool{allowed: true}}
			s.forbidden = s.faults()
			wrong := fault != "" && fault != allowed
			if err := s.ended(); (err != nil) != wrong {
				t.Errorf("%q, with %q allowed: %v", output, allowed, err)
			}
		}
	}
}

// ended returns a machine that wrote output and ended.
func ended(output string) *machine.Machine {
	console := new(machine.Console)
	fmt.Fprint(console, output)
	console.End()
	return &machine.Machine{Console: console}
}

func TestForbiddenTextOfAScenario(t *testing.T) {
	for _, c := range []struct {
		raw     bool
		pattern string
		wrong   bool
	}{
		{false, "^one$", true}, {true, `^one\r$`, true}, {true, "^one$", false}, {false, "^two$", false},
	} {
		s := &scenario{running: ended("one\r\n")}
		s.forbidden = []forbiddenText{{regexp.MustCompile("(?m)" + c.pattern), c.raw}}
		if err := s.ended(); (err != nil) != c.wrong {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestCommandsNeedAMachine(t *testing.T) {
	s := new(scenario)
	for name, err := range map[string]error{
		"status": s.status([]string{"0"}), "poweroff": s.poweroff(nil), "reboot": s.reboot(nil),
		"powercut": s.powercut(nil), "type": s.typeLine([]string{"ls"}), "press": s.press([]string{"tab"}),
	} {
		if fmt.Sprint(err) != "no machine was booted" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
