package run

import (
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// traps is what a shell does at signals, and at its end (EXIT).
type traps struct {
	actions  map[string]string // by name; "" ignores the signal
	parent   map[string]string // what a subshell's parent had, for `trap` that lists
	entry    map[string]bool   // ignored when the shell was started: scripts cannot change these
	signals  chan os.Signal    // of the process, where the shell is the whole process
	settled  chan struct{}
	defaults map[unix.Signal]signalAction // what the runtime does at signals, where the kernel's default is in its place
}

// exitTrap is the name of the trap at a shell's end.
const exitTrap = "EXIT"

// signalName is a signal's name without SIG.
func signalName(s unix.Signal) string {
	if name := unix.SignalName(s); name != "" {
		return strings.TrimPrefix(name, "SIG")
	}
	return strconv.Itoa(int(s))
}

func signalText(s unix.Signal) string {
	text := s.String()
	return strings.ToUpper(text[:1]) + text[1:]
}

// condition reads the name of a signal or of EXIT, with or without SIG, or a number.
func condition(text string) (name string, number unix.Signal, err error) {
	if n, err := strconv.Atoi(text); err == nil && n >= 0 && n <= 64 {
		if n == 0 {
			return exitTrap, 0, nil
		}
		return signalName(unix.Signal(n)), unix.Signal(n), nil
	}
	upper := strings.TrimPrefix(strings.ToUpper(text), "SIG")
	if upper == exitTrap {
		return exitTrap, 0, nil
	}
	if n := unix.SignalNum("SIG" + upper); n != 0 {
		return signalName(n), n, nil
	}
	return "", 0, fmt.Errorf("%s: no such signal", text)
}

// noteIgnored takes down what was ignored when this process was started: that stays so.
func (t *traps) noteIgnored() {
	for n := unix.Signal(1); n < 32; n++ {
		if n == unix.SIGKILL || n == unix.SIGSTOP {
			continue
		}
		if ignoredAtStart(n) {
			if t.entry == nil {
				t.entry = make(map[string]bool)
			}
			t.entry[signalName(n)] = true
		}
	}
}

// inSubshell is what of the traps a subshell has: signals that are ignored stay so.
func (t *traps) inSubshell() traps {
	child := traps{entry: t.entry, parent: t.parent}
	if len(t.actions) == 0 {
		return child
	}
	child.parent = t.actions
	for name, action := range t.actions {
		if action == "" && name != exitTrap {
			if child.actions == nil {
				child.actions = make(map[string]string)
			}
			child.actions[name] = ""
		}
	}
	return child
}

// register tells a new process what the traps are.
func (t *traps) register(p *process) {
	for name := range t.entry {
		_, number, _ := condition(name)
		p.setAction(number, false, true)
	}
	for name, action := range t.actions {
		if _, number, err := condition(name); err == nil && number != 0 {
			p.setAction(number, action != "", action == "")
		}
	}
}

// set sets a trap; its name is one that condition returned.
func (t *traps) set(sh *Shell, name, action string) {
	t.own()
	t.actions[name] = action
	t.apply(sh, name)
}

func (t *traps) reset(sh *Shell, name string) {
	t.own()
	delete(t.actions, name)
	t.apply(sh, name)
}

// own forgets what the parent's traps were.
func (t *traps) own() {
	t.parent = nil
	if t.actions == nil {
		t.actions = make(map[string]string)
	}
}

// apply makes signals do what the trap of that name says.
func (t *traps) apply(sh *Shell, name string) {
	_, number, err := condition(name)
	if err != nil || number == 0 {
		return
	}
	sh.ownProcess()
	action, set := t.actions[name]
	sh.proc.setAction(number, set && action != "", set && action == "")
	if sh.proc.real {
		t.listen(sh.current)
	}
}

// listen asks for the signals of this process that have traps.
func (t *traps) listen(current *atomic.Pointer[process]) {
	if t.signals == nil {
		t.signals, t.settled = make(chan os.Signal, 64), make(chan struct{}, 1)
		go forward(t.signals, t.settled, current)
	}
	signal.Stop(t.signals)
	wanted := []os.Signal{settleSignal}
	if t.defaults != nil && !t.entry["INT"] {
		wanted = append(wanted, unix.SIGINT)
	}
	for name := range t.actions {
		if _, number, _ := condition(name); number != 0 && number != unix.SIGKILL && number != unix.SIGSTOP {
			wanted = append(wanted, number)
		}
	}
	t.arrange(wanted)
	if len(wanted) > 1 {
		signal.Notify(t.signals, wanted...)
	} else {
		close(t.signals)
		t.signals = nil
	}
}

// settleSignal is the one that the runtime hands out after all others that arrived before.
const settleSignal = unix.Signal(64)

func forward(signals <-chan os.Signal, settled chan<- struct{}, current *atomic.Pointer[process]) {
	for s := range signals {
		if s == settleSignal {
			settled <- struct{}{}
			continue
		}
		current.Load().deliver(s.(unix.Signal))
	}
}

// settle waits until signals that this process got have become traps to run.
func (sh *Shell) settle() {
	root := sh.root()
	if root != sh || root.traps.signals == nil {
		return
	}
	unix.Kill(os.Getpid(), settleSignal)
	<-root.traps.settled
}

// ownsProcess tells whether signals to the process are for this shell, not for one that
// waits for it.
func (sh *Shell) ownsProcess() bool { return sh.outer == nil || sh.leads || sh.proc != sh.outer.proc }

// ownProcess gives a subshell in the foreground that sets traps a process of its own.
func (sh *Shell) ownProcess() {
	if sh.ownsProcess() {
		return
	}
	inherited := sh.proc
	sh.proc = newProcess(inherited.ctx, 0)
	for _, s := range inherited.ignored() {
		sh.proc.setAction(s, false, true)
	}
}

// runTraps runs the traps of the signals that arrived.
func (sh *Shell) runTraps() outcome {
	for _, s := range sh.proc.takePending() {
		action := sh.traps.actions[signalName(s)]
		if action == "" {
			continue
		}
		if o := sh.runTrap(action); o != next {
			return o
		}
	}
	return next
}

// runTrap runs an action; $? is after it what it was before.
func (sh *Shell) runTrap(action string) outcome {
	status, line := sh.status, sh.line
	o := sh.Text(action)
	if o == next {
		sh.status = status
	}
	sh.line = line
	return o
}

// runExitTrap runs the trap at the shell's end.
func (sh *Shell) runExitTrap() {
	if sh.proc.flags.Load()&flagPending != 0 && sh.ownsProcess() {
		sh.runTraps()
	}
	action, set := sh.traps.actions[exitTrap]
	if !set || action == "" {
		return
	}
	delete(sh.traps.actions, exitTrap)
	status := sh.status
	sh.loops, sh.calls, sh.tested = 0, 0, 0
	if o := sh.Text(action); o != exiting {
		sh.status = status
	}
}

// ResetTraps drops all traps.
func (sh *Shell) ResetTraps() {
	names := slices.Collect(maps.Keys(sh.traps.actions))
	for _, name := range names {
		sh.traps.reset(sh, name)
	}
}

// trap is the special builtin.
func trap(sh *Shell, args []string) int {
	print := false
	if len(args) > 0 && args[0] == "-p" {
		print, args = true, args[1:]
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if print || len(args) == 0 {
		return sh.listTraps(print, args)
	}
	action, conditions := args[0], args[1:]
	if _, err := strconv.ParseUint(action, 10, 32); err == nil || len(conditions) == 0 {
		action, conditions = "-", args
	}
	status := 0
	for _, text := range conditions {
		name, _, err := condition(text)
		if err != nil {
			sh.report("trap", err)
			status = 1
			continue
		}
		switch {
		case sh.traps.entry[name] && !sh.interactive:
		case action == "-":
			sh.traps.reset(sh, name)
		default:
			sh.traps.set(sh, name, action)
		}
	}
	return status
}

// listTraps prints traps in a form that sets them again; with -p, named ones also if they are
// not set.
func (sh *Shell) listTraps(print bool, conditions []string) int {
	actions := sh.traps.actions
	if sh.traps.parent != nil {
		actions = sh.traps.parent
	}
	var names []string
	for _, text := range conditions {
		name, _, err := condition(text)
		if err != nil {
			return sh.failed("trap", err)
		}
		names = append(names, name)
	}
	if len(conditions) == 0 {
		names = sh.trapNames(actions, print)
	}
	var out strings.Builder
	for _, name := range names {
		action, set := actions[name]
		switch {
		case set:
			fmt.Fprintf(&out, "trap -- %s %s\n", Quote(action), name)
		case sh.traps.entry[name]:
			fmt.Fprintf(&out, "trap -- '' %s\n", name)
		case print:
			fmt.Fprintf(&out, "trap -- - %s\n", name)
		}
	}
	return sh.print(out.String())
}

func (sh *Shell) trapNames(actions map[string]string, all bool) []string {
	names := []string{}
	if _, set := actions[exitTrap]; set || all {
		names = append(names, exitTrap)
	}
	for n := unix.Signal(1); n < 32; n++ {
		name := signalName(n)
		if _, set := actions[name]; set || sh.traps.entry[name] || all && n != unix.SIGKILL && n != unix.SIGSTOP {
			names = append(names, name)
		}
	}
	return names
}
