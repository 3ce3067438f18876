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
		Name: "job", Args: "start NAME COMMAND [ARG…]\n   or: job stop -a|NAME…\n   or: job ls",
		Summary: "run a command in the background; ask it to stop, and wait for its status",
		Run: func(ctx context.Context, call *command.Call) error {
			verb, operands := "", call.Args
			if len(operands) > 0 {
				verb, operands = operands[0], operands[1:]
			}
			switch {
			case verb == "start" && len(operands) > 1:
				return j.start(ctx, call, operands[0], operands[1:])
			case verb == "stop" && slices.Equal(operands, []string{"-a"}):
				err := j.stop(ctx, j.names())
				run.Of(ctx).StopBackground(patience)
				return err
			case verb == "stop" && len(operands) > 0:
				return j.stop(ctx, operands)
			case verb == "ls" && len(operands) == 0:
				j.list(call, run.Of(ctx).Background())
				return nil
			}
			return command.Usagef("expected start, stop or ls")
		},
	}
}

func (j *jobs) start(ctx context.Context, call *command.Call, name string, words []string) error {
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

// take returns the job of that name, which is then none any more.
func (j *jobs) take(name string) (*job, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	at := j.find(name)
	if at < 0 {
		return nil, fmt.Errorf("there is no job with the name %q", name)
	}
	one := j.running[at]
	j.running = slices.Delete(j.running, at, at+1)
	return one, nil
}

// stop asks all jobs of these names to stop, and then waits for them. Its status is that
// of the first which failed.
func (j *jobs) stop(ctx context.Context, names []string) error {
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

func (j *jobs) list(call *command.Call, background []string) {
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
	for _, text := range background {
		call.Printf("%s\n", text)
	}
}
