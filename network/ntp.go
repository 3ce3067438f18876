package network

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"bootrc/kit/clock"
	"bootrc/kit/order"

	"github.com/beevik/ntp"
)

const (
	// stragglers is how long the other servers have after each answer.
	stragglers = 300 * time.Millisecond
	// beforeRetry is the pause after an answer that is no use.
	beforeRetry = time.Second
)

// TimeAnswer is what one NTP server said of this machine's clock.
type TimeAnswer struct {
	Server  string
	Offset  time.Duration // to be added to the clock
	Stratum uint8
	Delay   time.Duration // of the way there and back
}

// AskTime asks NTP servers (RFC 5905), each HOST or HOST:PORT, all at once, and
// each up to so many times, within limit for each. Of what the first to answer, and
// those shortly after it, say, it returns the one in the middle: of three, one that
// lies does not count. An error names every server and what it did.
func AskTime(ctx context.Context, servers []string, tries int, limit time.Duration) (TimeAnswer, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan TimeAnswer, len(servers))
	failures := make(chan string, len(servers))
	for _, server := range servers {
		go func() {
			answer, err := askPatiently(ctx, server, tries, limit)
			if err != nil {
				failures <- fmt.Sprintf("%s: %v", server, err)
				return
			}
			answers <- answer
		}()
	}
	return choose(len(servers), answers, failures)
}

// choose waits for the servers' answers or failures.
func choose(servers int, answers <-chan TimeAnswer, failures <-chan string) (TimeAnswer, error) {
	var good []TimeAnswer
	var bad []string
	var enough <-chan time.Time
	for late := false; !late && len(good)+len(bad) < servers; {
		select {
		case a := <-answers:
			good = append(good, a)
			enough = time.After(stragglers)
		case text := <-failures:
			bad = append(bad, text)
		case <-enough:
			late = true
			good = append(good, ready(answers)...)
		}
	}
	if len(good) == 0 {
		slices.Sort(bad)
		return TimeAnswer{}, errors.New(strings.Join(bad, "; "))
	}
	order.By(good, func(a, b TimeAnswer) int { return cmp.Compare(a.Offset, b.Offset) })
	return good[(len(good)-1)/2], nil
}

// ready returns the answers that are there.
func ready(answers <-chan TimeAnswer) (list []TimeAnswer) {
	for {
		select {
		case a := <-answers:
			list = append(list, a)
		default:
			return list
		}
	}
}

// askPatiently asks one server until it answers, but not one that has said that it
// does not want to be asked.
func askPatiently(ctx context.Context, server string, tries int, limit time.Duration) (TimeAnswer, error) {
	for try := 1; ; try++ {
		answer, err := askOnce(ctx, server, limit)
		if err == nil || try == tries || errors.Is(err, ntp.ErrKissOfDeath) {
			return answer, err
		}
		select {
		case <-time.After(beforeRetry):
		case <-ctx.Done():
			return answer, err
		}
	}
}

func askOnce(ctx context.Context, server string, limit time.Duration) (TimeAnswer, error) {
	answer := TimeAnswer{Server: server}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	said, err := ntp.QueryWithOptions(server, ntp.QueryOptions{
		Timeout: limit,
		Dialer: func(_, remote string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "udp", remote)
		},
	})
	if err != nil {
		return answer, plainNetworkError(err, limit)
	}
	if err := said.Validate(); err != nil {
		if said.IsKissOfDeath() && said.KissCode != "" {
			err = fmt.Errorf("%w (%s)", err, said.KissCode)
		}
		return answer, err
	}
	// one that is wrong by decades makes certificates invalid and volumes expire
	if now := time.Now().Add(said.ClockOffset); clock.Stopped(now) || now.After(clock.Latest) {
		return answer, fmt.Errorf("it says that it is %s, which cannot be", now.UTC().Format(time.DateTime))
	}
	answer.Offset, answer.Stratum, answer.Delay = said.ClockOffset, said.Stratum, said.RTT
	return answer, nil
}

// plainNetworkError leaves out the addresses that the net package puts before an
// error.
func plainNetworkError(err error, limit time.Duration) error {
	var op *net.OpError
	var timeout net.Error
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("no answer within %s", span(limit))
	case errors.As(err, &op):
		return op.Err
	}
	return err
}
