package sh

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"bootrc/kit/command"
	"bootrc/sh/run"
)

// jobs are commands that run beside the script that started them, beyond its end, until
// they are asked to stop, by the names that the script gave them.
type jobs struct {
	mu      sync.Mutex
	running []*job
}

type job struct {
	name string
	task *run.Task
}

// patience is how long what was started with & may take to end.
const patience = 5 * time.Second

// command is the shell's command for jobs.
func (j *jobs) command() command.Command {
	return command.Command{
		Name: "job", Summary: "run commands in the background",
		Verbs: []command.Command{
			{
				Name: "start", Summary: "run a command of the shell in the background", Operands: "NAME COMMAND [ARGUMENT…]",
				OptionsFirst: true, Run: j.start,
			},
			{
				Name: "stop", Summary: "ask jobs to stop, wait for them, and exit with the first status that is not 0",
				Operands: "[NAME…]", Forms: []string{"NAME…", "-a"},
				Options: []command.Option{{Names: "-a, --all", Help: "stop all jobs"}}, Run: j.stop,
			},
			{Name: "ls", Summary: "list the jobs that have not been stopped", Run: j.list},
		},
	}
}

func (j *jobs) start(ctx context.Context, call *command.Call) error {
	name, words := call.Args[0], call.Args[1:]
	shell := run.Of(ctx)
	if !shell.Knows(words[0]) {
		return fmt.Errorf("%s: no such command of this shell", words[0])
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.find(name) >= 0 {
		return fmt.Errorf("a job with the name %q is there already", name)
	}
	// what ends the script, does not end the job
	task, err := shell.Start(words)
	if err != nil {
		return err
	}
	j.running = append(j.running, &job{name, task})
	go func() {
		<-task.Done
		if !task.Stopped() {
			fmt.Fprintf(call.Stderr, "job %s has ended by itself, with status %d\n", name, task.Status)
		}
	}()
	return nil
}

// find returns where the job of that name is among those that run, or -1.
func (j *jobs) find(name string) int {
	return slices.IndexFunc(j.running, func(one *job) bool { return one.name == name })
}

func (j *jobs) names() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var names []string
	for _, one := range j.running {
		names = append(names, one.name)
	}
	return names
}

// take removes the job of that name from those that run, and returns it.
func (j *jobs) take(name string) (*job, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	at := j.find(name)
	if at < 0 {
		return nil, fmt.Errorf("there is no job with the name %q: `job ls` lists them", name)
	}
	one := j.running[at]
	j.running = slices.Delete(j.running, at, at+1)
	return one, nil
}

// stop asks all jobs of these names to stop, and then waits for them. Its status is that
// of the first which failed.
func (j *jobs) stop(ctx context.Context, call *command.Call) error {
	names, all := call.Args, call.Flag("all")
	if all == (len(names) > 0) {
		return command.Usagef("expected names, or -a alone")
	}
	if all {
		names = j.names()
	}
	var stopping []*job
	var failed []error
	for _, name := range names {
		one, err := j.take(name)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		one.task.Stop()
		stopping = append(stopping, one)
	}
	status := command.Status(0)
	for _, one := range stopping {
		select {
		case <-one.task.Done:
			status = firstFailure(status, command.Status(one.task.Status))
		case <-ctx.Done():
			return fmt.Errorf("waiting for job %s: %w", one.name, ctx.Err())
		}
	}
	if all {
		run.Of(ctx).StopBackground(patience)
	}
	if len(failed) == 0 && status != 0 {
		return status
	}
	return errors.Join(failed...)
}

func firstFailure(first, next command.Status) command.Status {
	if first != 0 {
		return first
	}
	return next
}

func (j *jobs) list(ctx context.Context, call *command.Call) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, one := range j.running {
		select {
		case <-one.task.Done:
			call.Printf("%s: ended with status %d\n", one.name, command.Status(one.task.Status))
		default:
			call.Printf("%s: running\n", one.name)
		}
	}
	for _, text := range run.Of(ctx).Background() {
		call.Printf("%s\n", text)
	}
	return nil
}
