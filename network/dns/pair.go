package dns

import "time"

// pair is the two questions that a look-up of addresses consists of. Go's resolver puts both
// at once and waits for both; many a server answers the one for IPv6 addresses never.
type pair struct {
	users   int
	settled map[uint16]chan struct{} // by the question's kind: closed once the answer is known
}

// join takes part in the pair that a question belongs to, and returns the channel that is closed
// once the other question has been settled: nil for questions without another.
func (c *client) join(q question) <-chan struct{} {
	if q.kind != typeA && q.kind != typeAAAA {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.pairs[q.name]
	if p == nil {
		p = &pair{settled: map[uint16]chan struct{}{typeA: make(chan struct{}), typeAAAA: make(chan struct{})}}
		c.pairs[q.name] = p
	}
	p.users++
	return p.settled[typeA+typeAAAA-q.kind]
}

// leave ends a question, settled unless it is open whether the name has another kind of
// address. The pair is known for a while yet, because the other question may only come now.
func (c *client) leave(q question, settled bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.pairs[q.name]
	if p == nil {
		return
	}
	if settled {
		select {
		case <-p.settled[q.kind]:
		default:
			close(p.settled[q.kind])
		}
	}
	time.AfterFunc(c.times.again, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if p.users--; p.users == 0 {
			delete(c.pairs, q.name)
		}
	})
}

// patience is how long a question is waited for whose other is settled.
func (c *client) patience(kind uint16) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unanswered[kind] {
		return c.times.lesser
	}
	return c.times.other
}

// learn remembers whether servers answer questions of a kind.
func (c *client) learn(kind uint16, answered bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unanswered[kind] = !answered
}
