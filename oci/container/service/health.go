package service

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

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
	var said bytes.Buffer
	status, err := c.Exec(ctx, h.Command(), streams.Stdio{Stdout: &said, Stderr: &said})
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("the check took longer than %v", h.Timeout)
	case status != 0:
		return fmt.Errorf("the check ended with status %d: %s", status, strings.Join(strings.Fields(said.String()), " "))
	}
	return nil
}
