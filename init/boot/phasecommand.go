package boot

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"bootrc/init/cmdline"
	"bootrc/kit/command"
	"bootrc/sh"
	"bootrc/sh/run"
)

// outcome is what became of a phase.
type outcome struct {
	state string // "done", "failed in line 7" …
	took  time.Duration
}

// done is the state of a phase that has done what it is for.
const done = "done"

// PhaseCommands are those by which a person in a break shell mends a boot. The functions may be nil where only
// the commands' help is wanted.
func PhaseCommands(phase, again, setArg func(context.Context, *command.Call) error) []command.Command {
	return []command.Command{
		{
			Name: "phase", Summary: "list the boot's phases with what became of them, or run some again, in this shell", Operands: "[PHASE…]",
			Text: "What a phase that runs again sets, the phases after it find. Its `exit`, and its failure, end nothing else.",
			Options: []command.Option{
				{Names: "-s, --show", Help: "print the hooks instead"},
				{Names: "-e, --edit", Help: "edit them, and check what was written"},
				{Names: "-n, --check", Help: "check their syntax, and run nothing"},
				{Names: "-d, --done", Help: "take them for done: what they are for was done by hand"},
			},
			Examples: []string{"phase network", "phase --edit cache && phase cache"},
			Run:      phase,
		},
		{
			Name: "set-arg", Summary: "give arguments of the kernel's line other values, for the phases that run from now on", Operands: "NAME=VALUE…", Literal: true,
			Text:     "Of an argument that can be repeated, all values of the call replace those that were.",
			Examples: []string{`set-arg b2c.run="docker://registry.example/alpine echo hello"; phase run`},
			Run:      setArg,
		},
		{Name: "again", Summary: "run the phase that failed again, and go on with the boot if that succeeds", Run: again},
	}
}

func (b *boot) phase(ctx context.Context, call *command.Call) error {
	phases, err := phasesIn(b.folder)
	if err != nil {
		return err
	}
	if len(call.Args) == 0 {
		b.listPhases(call, phases)
		return nil
	}
	for _, word := range call.Args {
		i := slices.IndexFunc(phases, func(p phase) bool { return p.is(word) })
		if i < 0 {
			return fmt.Errorf("no phase is named %s%s; there are: %s", word, meant(word, phases), list(phases))
		}
		if err := b.onPhase(ctx, call, phases[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *boot) onPhase(ctx context.Context, call *command.Call, p phase) error {
	path := filepath.Join(b.folder, p.file)
	switch {
	case call.Flag("show"):
		text, err := os.ReadFile(path)
		if err == nil {
			_, err = call.Stdout.Write(text)
		}
		return err
	case call.Flag("edit"):
		if err := runOther(ctx, call, "edit", path); err != nil {
			return err
		}
		_, err := b.checked(p)
		return err
	case call.Flag("check"):
		_, err := b.checked(p)
		return err
	case call.Flag("done"):
		b.became(p, outcome{state: done})
		return nil
	}
	return b.runAgain(ctx, p)
}

// runOther runs another command of the caller's shell.
func runOther(ctx context.Context, call *command.Call, name string, args ...string) error {
	other, inner, err := call.Other(append([]string{name}, args...)...)
	if err != nil {
		return err
	}
	if status := other.Execute(ctx, inner); status != 0 {
		return status
	}
	return nil
}

// checked reads a phase's hook, if there is no mistake of syntax in it.
func (b *boot) checked(p phase) (*sh.Script, error) {
	script, err := b.script(p)
	if err != nil {
		return nil, err
	}
	return script, script.Check()
}

// runAgain runs a phase within the shell in which somebody asks for that.
func (b *boot) runAgain(ctx context.Context, p phase) error {
	script, err := b.checked(p)
	if err != nil {
		return err
	}
	if p.is("run") { // what its containers ended with before counts no more
		for name, value := range firstResult {
			run.Of(ctx).Set(name, value)
		}
		b.out.Forgive()
	}
	start := time.Now()
	if status, line := run.Of(ctx).Script(p.file, script.Text); status != 0 {
		err = &command.Failure{Status: uint8(status), Err: &sh.Failure{Name: p.file, Line: uint(line), Status: uint8(status)}}
	}
	b.out.EndSection()
	b.became(p, outcomeOf(err, time.Since(start)))
	return err
}

// setArg is the command set-arg.
func (b *boot) setArg(ctx context.Context, call *command.Call) error {
	anew, err := cmdline.ParseWords(call.Args)
	if err != nil {
		return err
	}
	ignoreOwn(anew)
	line := b.line.Replaced(anew)
	if err := checkPhases(b.folder, line); err != nil {
		return err
	}
	now := b.given
	none, _ := cmdline.Parse("")
	now.machine, now.boot, now.server = none, line, none // wherever the former ones stood
	b.heed(now, anew)
	line.Changed(anew, func(name, value string) { run.Of(ctx).Set(name, value) })
	return nil
}

func (b *boot) became(p phase, o outcome) {
	if b.outcomes == nil {
		b.outcomes = make(map[string]outcome)
	}
	b.outcomes[p.file] = o
}

func (b *boot) listPhases(call *command.Call, phases []phase) {
	for _, p := range phases {
		o, known := b.outcomes[p.file]
		switch {
		case p.in(b.chosen.skip):
			o.state = "left out (b2c.skip)"
		case !known && p == b.now:
			o.state = "runs"
		case !known && p.file < b.now.file:
			o.state = "not run"
		case !known:
			o.state = "to come"
		}
		took := ""
		if o.took > 0 {
			took = fmt.Sprintf("%.2f s", o.took.Seconds())
		}
		call.Printf("%-12s %-18s %9s  %s\n", p.name(), p.file, took, o.state)
	}
}

// again runs the phase that failed once more, and closes the shell if that succeeds.
func (b *boot) again(ctx context.Context, _ *command.Call) error {
	if b.broken.file == "" {
		return fmt.Errorf("no phase has failed: `phase` lists them, and `phase NAME` runs one again")
	}
	if err := b.runAgain(ctx, b.broken); err != nil {
		return err
	}
	run.Of(ctx).Quit()
	return nil
}
