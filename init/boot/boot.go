// Package boot runs the phases of the boot: the hooks in /hooks, in the order of
// their names, in one shell.
package boot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"bootrc/init/cmdline"
	"bootrc/init/console"
	"bootrc/init/lastboot"
	"bootrc/init/supervisor"
	"bootrc/init/trust"
	"bootrc/kit/command"
	"bootrc/rootfs"
	"bootrc/sh"

	"golang.org/x/sys/unix"
)

// hooksFolder is where the hooks of a boot are, and argumentsFolder where the initramfs brings arguments.
const (
	hooksFolder     = "/hooks"
	argumentsFolder = "/etc/bootrc"
)

// trapLimit is how long the trap of a hook may hold up the way down.
const trapLimit = 5 * time.Second

// statusInterrupted is the pipeline's status where the machine was told to go down
// before its end: that of a shell's command after SIGTERM. A job that was cut short
// must not pass for one that succeeded.
const statusInterrupted = 128 + 15

// Run is the boot: it returns only when the last hook did not power off.
// commands is the shell's table; those that work in the background do so
// until the machine goes down. secrets tells what of the arguments is not shown.
func Run(ctx context.Context, commands func(context.Context) []command.Command, secrets cmdline.Secrets) error {
	// the first collection comes at 16 MiB instead of 4: most boots need none
	debug.SetGCPercent(400)
	setEnvironment()
	go supervisor.Beat()
	out := console.New(os.Stdout)
	// with a second CPU, devices and terminal are ready as soon as the shell, and the
	// hooks are parsed before they run
	var scripts ahead
	ready := make(chan struct{})
	go func() {
		makeReady(out)
		close(ready)
		scripts.parseAll(hooksFolder)
		// it finds out once what the kernel can, with a process: not when a container waits
		os.FindProcess(os.Getpid())
	}()
	text, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return err
	}
	return runAll(ctx, commands(ctx), secrets, string(text), hooksFolder, out, &scripts, ready)
}

// RunHooks runs the hooks in a folder with the arguments of a kernel's command line, as the boot does.
func RunHooks(ctx context.Context, commands []command.Command, secrets cmdline.Secrets, arguments, folder string, out *console.Console) error {
	ready := make(chan struct{})
	close(ready)
	return runAll(ctx, commands, secrets, arguments, folder, out, new(ahead), ready)
}

func runAll(ctx context.Context, commands []command.Command, secrets cmdline.Secrets, arguments, folder string, out *console.Console, scripts *ahead, ready <-chan struct{}) error {
	given, broken := firstArguments(arguments, argumentsFolder)
	b, err := newBoot(commands, secrets, given, folder, out, scripts)
	if err != nil {
		return err
	}
	<-ready
	if err := errors.Join(broken, b.checkConditions(trust.Of(b.line)), checkPhases(folder, b.line)); err != nil {
		b.fail(ctx, "the kernel's command line", 1, err)
	}
	b.runPhases(ctx)
	return nil
}

// activeConsoles names the consoles that the kernel has, the one behind /dev/console last.
const activeConsoles = "/sys/class/tty/console/active"

// makeReady makes what a shell stands on: devices and a terminal.
func makeReady(out *console.Console) {
	if err := rootfs.MountAll(rootfs.Essential); err != nil {
		out.Error(err.Error())
	}
	if err := TakeTerminal(); err != nil {
		out.Report("ctrl-c will not work: " + err.Error())
	}
	for _, path := range otherConsoles(activeConsoles, "/dev") {
		out.Also(&shownOn{path: path})
	}
}

func setEnvironment() {
	os.Clearenv()
	for _, variable := range supervisor.Environment {
		name, value, _ := strings.Cut(variable, "=")
		os.Setenv(name, value)
	}
}

// boot is the state between phases.
type boot struct {
	commands []command.Command
	shell    *sh.Shell
	folder   string // of the hooks
	scripts  *ahead
	out      *console.Console
	given    given
	line     *cmdline.Line // of given
	secrets  cmdline.Secrets
	chosen   selection
	onFail   onFail
	outcomes map[string]outcome // by the hook's file
	broken   phase              // on which a shell is open
	beside   bool               // shells are open on other consoles
	limits   deadlines
	diary    *lastboot.Diary
	now      phase  // that runs
	before   result // of the boot, as it was when that began
	failed   bool   // only final phases are left to run
	stopped  chan os.Signal
	asked    os.Signal // to go down, once it has been
}

func newBoot(commands []command.Command, secrets cmdline.Secrets, arguments given, folder string, out *console.Console, scripts *ahead) (*boot, error) {
	b := &boot{folder: folder, out: out, secrets: secrets, scripts: scripts, diary: new(lastboot.Diary), stopped: make(chan os.Signal, 1)}
	b.commands = slices.Concat(commands, ConsoleCommands(out), ArgumentCommands(b.extraArgs, b.fetchHook), EndCommands(b.lastBoot), PhaseCommands(b.phase, b.again, b.setArg))
	b.heed(arguments, arguments.line())
	shell, err := b.newShell(firstResult)
	if err != nil {
		return nil, err
	}
	b.shell = shell
	signal.Notify(b.stopped, supervisor.PowerOffSignal, supervisor.RebootSignal)
	return b, nil
}

// firstResult is the boot's result as long as nothing has failed.
var firstResult = result{"B2C_PIPELINE_STATUS": "0", "B2C_PIPELINE_FAILED_BY": "", "B2C_PIPELINE_SHUTDOWN_MODE": "default"}

// result is the boot's result, by shell variable.
type result map[string]string

// newShell makes a shell that knows the boot's arguments and its result.
func (b *boot) newShell(r result) (*sh.Shell, error) {
	var variables []string
	for name, value := range r {
		variables = append(variables, name+"="+value)
	}
	b.line.Variables(func(name, value string) { variables = append(variables, name+"="+value) })
	return sh.New(sh.Config{
		Table:  sh.NewTable(b.commands...),
		Topics: Topics(), Env: os.Environ(), Vars: variables, Dir: "/",
		Stdin: os.Stdin, Stdout: b.out, Stderr: b.out, Record: b.out.Record, Offer: b.offer, Beside: b.shellsBeside,
	})
}

func checkPhases(folder string, line *cmdline.Line) error {
	phases, err := phasesIn(folder)
	if err != nil {
		return err
	}
	var announced []string
	for _, hook := range line.Values("b2c.hook") {
		file, _, _ := strings.Cut(hook, ",")
		announced = append(announced, file)
	}
	return newSelection(line).check(phases, announced)
}

// runPhases looks for the next hook anew after each: a hook can bring others.
func (b *boot) runPhases(ctx context.Context) {
	last := ""
	seen := make(arrivals)
	for _, text := range oddHooks(b.folder) {
		b.out.Warn(text)
	}
	for {
		phases, err := phasesIn(b.folder)
		if err != nil {
			b.fail(ctx, b.folder, 1, err)
			return
		}
		for _, text := range seen.late(phases, last) {
			b.out.Warn(text)
		}
		next, ok := following(phases, last)
		if !ok {
			return
		}
		last = next.file
		if b.wants(next) {
			b.runPhase(ctx, next)
		}
	}
}

// wants tells whether a phase is to be run. A boot that was ended before it had a cache still
// mounts that: the next boot finds there why.
func (b *boot) wants(p phase) bool {
	if p.in(b.chosen.skip) {
		return false
	}
	return !b.failed || p.final() || p.is("cache") && b.diary.Waits() || p.is("run") && b.opensShell()
}

// opensShell tells whether a shell is asked for in place of the pipeline: it opens whatever failed before, but
// for what ended the boot from outside.
func (b *boot) opensShell() bool {
	return b.line.Value("b2c.shell") != "" && !b.diary.Waits() && b.asked == nil
}

func following(phases []phase, last string) (phase, bool) {
	for _, p := range phases {
		if p.file > last {
			return p, true
		}
	}
	return phase{}, false
}

func (b *boot) runPhase(ctx context.Context, p phase) {
	if p.in(b.chosen.breakAt) {
		b.out.Report(fmt.Sprintf("break before %s: `exit` goes on with it; `phase` lists the phases, `help` the commands", p.file))
		b.shell.Interactive(ctx)
	}
	b.now, b.before = p, b.result()
	b.out.Began()
	start := time.Now()
	err := b.runHook(ctx, p)
	took := time.Since(start)
	b.became(p, outcomeOf(err, took))
	switch {
	case b.asked != nil:
		b.goDown(ctx)
	case isLate(err):
		b.late(ctx, p, err)
	case err == nil:
		b.out.Record(command.Work{Kind: "phase", Name: p.file, Took: took})
		if b.out.Spoke() {
			b.out.Report(fmt.Sprintf("%s: %.2f s", p.file, took.Seconds()))
		}
	default:
		b.failPhase(ctx, p, err)
	}
	b.out.EndSection()
}

// runHook runs a phase's hook once. The error of one that took too long is a *late.
func (b *boot) runHook(ctx context.Context, p phase) error {
	script, err := b.script(p)
	if err != nil {
		return err
	}
	b.note(ctx, func(d *lastboot.Diary) error { return d.Begin(p.file) })
	within, release := b.interruptible(ctx)
	limited, cancel := b.limits.within(within, p, b.failed && !p.is("run"))
	err = b.runWithin(limited, script, sh.Options{Trace: b.chosen.traceAll || p.in(b.chosen.trace)}, stuckLimit)
	cancel()
	release()
	if why := lateness(limited); why != nil {
		return why
	}
	return err
}

// script reads a phase's hook, if it is one for this shell.
func (b *boot) script(p phase) (*sh.Script, error) {
	script, err := b.scripts.parse(b.folder, p.file)
	if err != nil {
		return nil, err
	}
	return script, checkLanguage(p.file, script.Text)
}

// outcomeOf is what became of a phase that ended with an error, or nil.
func outcomeOf(err error, took time.Duration) outcome {
	var failure *sh.Failure
	switch {
	case err == nil:
		return outcome{done, took}
	case errors.As(err, &failure) && failure.Line > 0:
		return outcome{fmt.Sprintf("failed in line %d", failure.Line), took}
	}
	return outcome{"failed", took}
}

// interruptible ends a phase at ctrl-c on the console, and when the machine is
// told to go down. A hook that has a trap for that, on TERM or HUP, gets time for it.
func (b *boot) interruptible(ctx context.Context) (context.Context, func()) {
	ctx, release := sh.Interruptible(ctx)
	ctx, cancel := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case b.asked = <-b.stopped:
			if b.shell.Signal(unix.SIGTERM) || b.shell.Signal(unix.SIGHUP) {
				select {
				case <-time.After(trapLimit):
				case <-ctx.Done():
				}
			}
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(); <-watched; release() }
}

// goDown leaves only the final phases to run, because the machine was asked to go down.
func (b *boot) goDown(ctx context.Context) {
	mode := "poweroff"
	if b.asked == supervisor.RebootSignal {
		mode = "reboot"
	}
	b.out.Report("asked to go down: " + mode)
	b.failed, b.asked = true, nil
	b.shell.Set(ctx, "B2C_PIPELINE_SHUTDOWN_MODE", mode)
	b.blame(ctx, "asked to go down: "+mode, statusInterrupted)
	b.out.Blame("the machine was asked to go down before its work was done", "")
}

// fail stops the boot: only final phases still run. The first failure gives the pipeline
// its status.
func (b *boot) fail(ctx context.Context, where string, status uint8, err error) {
	b.out.Error(err.Error())
	b.end(ctx, where, status, err)
}

// failPhase stops the boot, unless somebody mends the phase.
func (b *boot) failPhase(ctx context.Context, p phase, err error) {
	b.out.Error(err.Error())
	if b.mend(ctx, p, err) {
		return
	}
	var failure *sh.Failure
	status := uint8(1)
	if errors.As(err, &failure) {
		status = failure.Status
	}
	b.end(ctx, p.file, status, err)
}

// end leaves only the final phases to run, because of an error that has been shown.
func (b *boot) end(ctx context.Context, where string, status uint8, err error) {
	b.failed = true
	b.blame(ctx, where, status)
	b.out.Blame(place(where, err), err.Error())
}

// place is where something failed: a hook, with its line if that is known.
func place(where string, err error) string {
	var failure *sh.Failure
	if errors.As(err, &failure) && failure.Line > 0 {
		return fmt.Sprintf("%s: line %d", where, failure.Line)
	}
	return where
}

// blame gives the pipeline a status, unless an earlier failure has.
func (b *boot) blame(ctx context.Context, what string, status uint8) {
	if b.shell.Get("B2C_PIPELINE_STATUS") == "0" {
		b.shell.Set(ctx, "B2C_PIPELINE_STATUS", fmt.Sprint(status), "B2C_PIPELINE_FAILED_BY", what)
	}
}
