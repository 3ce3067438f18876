package run

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// ordered is the jobs with the current one first: stopped ones before others, later ones
// before earlier ones.
func (j *jobs) ordered() []*job {
	var stopped, others []*job
	for i := len(j.list) - 1; i >= 0; i-- {
		if one := j.list[i]; one.told {
			continue
		} else if one.stopped() {
			stopped = append(stopped, one)
		} else {
			others = append(others, one)
		}
	}
	return append(stopped, others...)
}

// listJobs is the builtin jobs.
func listJobs(sh *Shell, args []string) int {
	given, args, err := letters(args, "lp")
	if err != nil {
		return sh.misuse("jobs", err)
	}
	long, ids := strings.Contains(given, "l"), strings.Contains(given, "p")
	j := sh.jobs
	if len(j.list) == 0 && j.shown != nil {
		j = j.shown
	}
	chosen := slices.DeleteFunc(slices.Clone(j.list), func(one *job) bool { return one.told })
	if len(args) > 0 {
		chosen = nil
		for _, operand := range args {
			one, err := j.find(operand)
			if err == nil && one == nil {
				err = fmt.Errorf("%s: no such job", operand)
			}
			if err != nil {
				sh.report("jobs", err)
				return 2
			}
			chosen = append(chosen, one)
		}
	}
	out := sh.fds.get(1)
	for _, one := range chosen {
		if ids {
			fmt.Fprintf(out, "%d\n", one.id)
			continue
		}
		j.show(out, one, long)
		if one.ended() {
			one.told = true
		}
	}
	return 0
}

// show prints a line of XCU jobs(1).
func (j *jobs) show(w io.Writer, one *job, long bool) {
	mark := " "
	if current := j.ordered(); len(current) > 0 && current[0] == one {
		mark = "+"
	} else if len(current) > 1 && current[1] == one {
		mark = "-"
	}
	state := "Running"
	switch {
	case one.ended() && one.status == 0:
		state = "Done"
	case one.ended() && one.status > 128:
		state = signalText(unix.Signal(one.status - 128))
	case one.ended():
		state = fmt.Sprintf("Done(%d)", one.status)
	case one.stopped():
		state = "Stopped"
	}
	id := ""
	if long {
		id = fmt.Sprintf("%d ", one.id)
	}
	fmt.Fprintf(w, "[%d] %s %s%s %s\n", one.number, mark, id, state, one.text)
}
