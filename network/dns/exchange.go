package dns

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
)

// silence is the error of servers that gave no answer in time.
type silence struct{ servers []string }

func (e *silence) Error() string   { return "no answer from " + strings.Join(e.servers, ", ") }
func (e *silence) Timeout() bool   { return true }
func (e *silence) Temporary() bool { return true }

var errQuestion = errors.New("not a question of one name")

// exchange returns the answer to a message of Go's resolver.
func (c *client) exchange(ctx context.Context, servers []string, message []byte, streamOnly bool) ([]byte, error) {
	q, ok := parseQuestion(message)
	if !ok {
		return nil, errQuestion
	}
	s := &survey{client: c, servers: servers, question: q, streamOnly: streamOnly,
		replies: make(chan reply, 2*len(servers)), came: make([]reply, len(servers))}
	answer, err := s.run(ctx, c.join(q))
	c.leave(q, answer != nil && (verdictOf(answer) == positive || answer[3]&responseCode == noSuchName))
	return answer, err
}

// survey is one question to several servers.
type survey struct {
	client     *client
	servers    []string
	question   question
	streamOnly bool
	asked      int
	replies    chan reply
	came       []reply // by rank
}

// reply is what became of a question to one server.
type reply struct {
	rank    int
	refused bool // for now: the server may be starting
	over    bool
	answer  []byte // or nil
	err     error
}

func (r reply) verdict() verdict {
	if r.answer == nil {
		return none
	}
	return verdictOf(r.answer)
}

// run asks one server after the other, each a little later than the one before it or as soon as
// that one fails, until one knows the answer. That there is no such name counts once no server of
// better rank has objected. When the other question of the pair is settled, this one is soon given up.
func (s *survey) run(ctx context.Context, other <-chan struct{}) ([]byte, error) {
	// a server that is late goes on being listened to, to know whether it is silent
	asking, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer func() { time.AfterFunc(s.client.times.again, cancel) }()
	next := time.NewTimer(0)
	defer next.Stop()
	var hold, late <-chan time.Time
	for {
		select {
		case <-next.C:
			if s.askNext(asking) {
				next.Reset(s.client.times.stagger)
			}
		case r := <-s.replies:
			s.came[r.rank] = r
			if s.isDecided() {
				return s.best()
			}
			next.Reset(0)
			if hold == nil && r.verdict() == negative {
				hold = time.After(s.client.times.hold)
			}
		case <-hold:
			return s.best()
		case <-other:
			other, late = nil, time.After(s.client.patience(s.question.kind))
		case <-late:
			s.client.learn(s.question.kind, false)
			return s.question.nothing(), nil
		case <-ctx.Done():
			return s.best()
		}
	}
}

// askNext asks the next server, if there is one.
func (s *survey) askNext(ctx context.Context) bool {
	rank := s.asked
	if rank == len(s.servers) {
		return false
	}
	s.asked++
	go func() {
		refused := sync.OnceFunc(func() { s.replies <- reply{rank: rank, refused: true} })
		answer, err := s.client.ask(ctx, s.servers[rank], s.question, s.streamOnly, refused)
		s.client.note(s.servers[rank], answer == nil)
		s.replies <- reply{rank: rank, over: true, answer: answer, err: err}
	}()
	return true
}

// isDecided tells whether no server can better what came.
func (s *survey) isDecided() bool {
	over, mayObject := true, false // as far as here
	for _, r := range s.came {
		over, mayObject = over && r.over, mayObject || !r.over && !r.refused
		if r.verdict() == positive || r.verdict() == negative && !mayObject {
			return true
		}
	}
	return over
}

// best is the best of what came.
func (s *survey) best() ([]byte, error) {
	best := s.came[0]
	for _, r := range s.came[1:] {
		if r.verdict() > best.verdict() {
			best = r
		}
	}
	switch {
	case best.answer != nil:
		s.client.learn(s.question.kind, true)
		return s.question.whole(best.answer), nil
	case best.err != nil:
		return nil, best.err
	}
	return nil, &silence{s.servers[:s.asked]}
}
