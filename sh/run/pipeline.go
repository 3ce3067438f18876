package run

import (
	"sync"

	"bootrc/sh/syntax"
)

// pipeline runs commands at the same time, each with what the one before it prints as its
// input (XCU 2.9.2). All of them are subshells.
func (sh *Shell) pipeline(c *syntax.Pipeline) outcome {
	if len(c.Commands) == 1 {
		sh.tested++
		o := sh.command(c.Commands[0])
		sh.tested--
		if o == next {
			sh.negate()
		}
		return o
	}
	if c.Negated {
		sh.tested++
	}
	statuses, err := sh.runPipeline(c.Commands)
	if c.Negated {
		sh.tested--
	}
	if err != nil {
		sh.report("", err)
		sh.status = 2
		return sh.fatal()
	}
	sh.status = statuses[len(statuses)-1]
	if sh.options.on[pipefail] {
		for _, status := range statuses {
			if status != 0 {
				sh.status = status
			}
		}
	}
	if sh.proc.flags.Load() != 0 {
		if o := sh.attend(); o != next {
			return o
		}
	}
	if c.Negated {
		sh.negate()
		return next
	}
	return sh.checked()
}

func (sh *Shell) negate() {
	if sh.status == 0 {
		sh.status = 1
	} else {
		sh.status = 0
	}
}

// runPipeline starts all parts, the last in this goroutine, and waits for them.
func (sh *Shell) runPipeline(commands []syntax.Command) ([]int, error) {
	if sh.depth >= maxDepth {
		return nil, sh.enter("pipeline")
	}
	parts := make([]*Shell, len(commands))
	group := sh.jobs.newGroup()
	var input *file
	for i := range commands {
		part := sh.subshell()
		part.depth++
		part.jobs.group = group
		if input != nil {
			part.fds.put(0, input).release()
			input = nil
		}
		if i < len(commands)-1 {
			r, w, err := pipe()
			if err != nil {
				part.fds.close()
				for _, earlier := range parts[:i] {
					earlier.fds.close()
				}
				return nil, err
			}
			part.fds.put(1, w).release()
			input = r
		}
		part.leads = sh.apart && i == len(commands)-1
		parts[i] = part
	}
	statuses := make([]int, len(commands))
	var running sync.WaitGroup
	for i, part := range parts[:len(parts)-1] {
		running.Go(func() { statuses[i] = part.part(commands[i]) })
	}
	last := len(parts) - 1
	statuses[last] = parts[last].part(commands[last])
	running.Wait()
	sh.settle()
	return statuses, nil
}

// part runs one part of a pipeline to its end.
func (sh *Shell) part(c syntax.Command) int {
	return sh.finish(sh.command(c))
}
