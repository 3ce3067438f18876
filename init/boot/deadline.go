package boot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"bootrc/init/console"
	"bootrc/kit/seconds"
)

// statusLate is the status of what took too long, as timeout(1) has it.
const statusLate = 124

// finalLimit is how long each of the phases may take that run whatever failed before, unless it has a
// deadline of its own: the machine has to go off, whatever hangs.
const finalLimit = 10 * time.Minute

// deadlines are what b2c.deadline= allows.
type deadlines struct {
	whole  time.Duration // for all phases but the final ones, from the kernel's start; 0: no limit
	phases []limit
}

type limit struct {
	phase string
	most  time.Duration
}

// parseDeadlines reads TIME|PHASE:TIME[,…].
func parseDeadlines(value string) (deadlines, error) {
	var d deadlines
	if value == "" {
		return d, nil
	}
	for item := range strings.SplitSeq(value, ",") {
		phase, text, ofPhase := strings.Cut(item, ":")
		if !ofPhase {
			phase, text = "", item
		}
		most, err := seconds.Parse(text)
		if err == nil && most == 0 {
			err = fmt.Errorf("%q leaves no time at all", text)
		}
		switch {
		case err != nil:
			return deadlines{}, fmt.Errorf("argument b2c.deadline=%s: %w", value, err)
		case ofPhase:
			d.phases = append(d.phases, limit{phase, most})
		default:
			d.whole = most
		}
	}
	return d, nil
}

// names are the phases with a deadline of their own.
func (d deadlines) names() []string {
	var names []string
	for _, l := range d.phases {
		names = append(names, l.phase)
	}
	return names
}

// late is a phase that took too long, as the cause of its context's end.
type late struct{ text string }

func (l *late) Error() string { return l.text }

// within returns a context that ends when the phase's time is over; its cause is
// then a *late. failed tells that something before it has.
func (d deadlines) within(ctx context.Context, p phase, failed bool) (context.Context, context.CancelFunc) {
	most, cause := d.of(p, console.Uptime(), failed)
	if cause == nil {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, most, cause)
}

// of is how long a phase may take that begins when the machine has been up for so
// long, and what to say when that is over; nil where there is no limit.
func (d deadlines) of(p phase, up time.Duration, failed bool) (most time.Duration, cause *late) {
	final := p.final() || failed
	if final {
		most = finalLimit
		cause = &late{fmt.Sprintf("%s took longer than %s", p.file, finalLimit)}
	} else if d.whole > 0 {
		most = max(0, d.whole-up)
		cause = &late{fmt.Sprintf("the boot took longer than b2c.deadline=%s, in %s", span(d.whole), p.file)}
	}
	for _, l := range d.phases {
		if p.is(l.phase) && (cause == nil || l.most < most || final) {
			most, cause = l.most, &late{fmt.Sprintf("%s took longer than b2c.deadline=%s:%s", p.file, l.phase, span(l.most))}
		}
	}
	return most, cause
}

// lateness returns why a phase's context ended, if its time was over.
func lateness(ctx context.Context) *late {
	var l *late
	errors.As(context.Cause(ctx), &l)
	return l
}

// isLate tells whether a phase ended because its time was over.
func isLate(err error) bool {
	var l *late
	return errors.As(err, &l)
}

// span is a time as it is written in an argument.
func span(d time.Duration) string {
	switch {
	case d%(24*time.Hour) == 0:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return fmt.Sprintf("%gs", d.Seconds())
}
