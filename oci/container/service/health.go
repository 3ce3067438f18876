package service

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"bootrc/oci/container"
	"bootrc/oci/container/streams"
)

// impatience is how often a container is checked that is not healthy yet.
const impatience = time.Second

// awaitHealthy returns when the container is healthy. It checks more often than
// at h.Interval, but gives the container as long as podman would: until the
// failures on end could be h.Retries. The error has what the last check said.
func awaitHealthy(ctx context.Context, c *container.Container, h container.Health) error {
	limit := time.After(h.StartPeriod + time.Duration(h.Retries)*h.Interval)
	for {
		failure := checkHealth(ctx, c, h)
		if failure == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-limit:
			return fmt.Errorf("unhealthy: %w", failure)
		case <-time.After(min(h.Interval, impatience)):
		}
	}
}

func checkHealth(ctx context.Context, c *container.Container, h container.Health) error {
	ctx, cancel := context.WithTimeout(ctx, h.Timeout)
	defer cancel()
	var said beginning
	status, err := c.Exec(ctx, h.Command(), streams.Stdio{Stdout: &said, Stderr: &said})
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("the check took longer than %v", h.Timeout)
	case status != 0:
		return fmt.Errorf("the check ended with status %d: %s", status, said.line())
	}
	return nil
}

// maxSaid bounds what is kept of a check's output, in bytes.
const maxSaid = 500

// beginning keeps the beginning of what is written to it.
type beginning struct{ kept []byte }

func (b *beginning) Write(p []byte) (int, error) {
	b.kept = append(b.kept, p[:min(len(p), maxSaid-len(b.kept))]...)
	return len(p), nil
}

// line returns it in one line, without control characters.
func (b *beginning) line() string {
	words := strings.FieldsFunc(strings.ToValidUTF8(string(b.kept), ""), func(r rune) bool { return !unicode.IsPrint(r) || r == ' ' })
	return strings.Join(words, " ")
}
