package container

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/spf13/pflag"
)

// Health says how to find out whether a service works. What is zero is the
// image's, or podman's default.
type Health struct {
	Test        []string // CMD and words, CMD-SHELL and a line for a shell, or NONE
	Interval    time.Duration
	Timeout     time.Duration // of one check
	StartPeriod time.Duration // in which no failure counts
	Retries     int           // failures on end that make it unhealthy
}

const (
	healthNone  = "NONE"
	healthWords = "CMD"
	healthShell = "CMD-SHELL"
)

// healthDefaults are podman-run(1)'s.
var healthDefaults = v1.HealthConfig{Interval: 30 * time.Second, Timeout: 30 * time.Second, Retries: 3}

func (h *Health) addFlags(f *pflag.FlagSet) {
	f.Func("health-cmd", `LINE for a shell, ["PROGRAM","ARGUMENT",…], or none`, func(text string) error {
		h.Test = parseHealthCommand(text)
		return nil
	})
	f.BoolFunc("no-healthcheck", "not even the image's", func(string) error {
		h.Test = []string{healthNone}
		return nil
	})
	for _, d := range []struct {
		name string
		to   *time.Duration
	}{{"health-interval", &h.Interval}, {"health-timeout", &h.Timeout}, {"health-start-period", &h.StartPeriod}} {
		f.Func(d.name, "DURATION, such as 1m30s", func(text string) (err error) {
			*d.to, err = time.ParseDuration(text)
			if err == nil && *d.to < 0 {
				err = errors.New("must not be negative")
			}
			return err
		})
	}
	f.IntVar(&h.Retries, "health-retries", 0, "NUMBER of failures that make it unhealthy")
}

// parseHealthCommand reads --health-cmd.
func parseHealthCommand(text string) []string {
	var words []string
	switch {
	case text == "none":
		return []string{healthNone}
	case strings.HasPrefix(text, "[") && json.Unmarshal([]byte(text), &words) == nil && len(words) > 0:
		switch words[0] {
		case healthNone, healthWords, healthShell:
			return words
		}
		return append([]string{healthWords}, words...)
	}
	return []string{healthShell, text}
}

func (h *Health) check() error {
	if h.Retries < 0 {
		return errors.New("--health-retries must be greater than 0")
	}
	return nil
}

// Complete adds what the image and podman say. It returns false where there is
// nothing to check.
func (h Health) Complete(image *v1.HealthConfig) (Health, bool) {
	if image == nil {
		image = &v1.HealthConfig{}
	}
	if h.Test == nil {
		h.Test = image.Test
	}
	for _, other := range []*v1.HealthConfig{image, &healthDefaults} {
		h.Interval = firstDuration(h.Interval, other.Interval)
		h.Timeout = firstDuration(h.Timeout, other.Timeout)
		h.StartPeriod = firstDuration(h.StartPeriod, other.StartPeriod)
		if h.Retries == 0 {
			h.Retries = other.Retries
		}
	}
	return h, len(h.Test) > 1
}

func firstDuration(a, b time.Duration) time.Duration {
	if a != 0 {
		return a
	}
	return b
}

// Command is what is run in the container.
func (h Health) Command() []string {
	if h.Test[0] == healthShell {
		return []string{"/bin/sh", "-c", strings.Join(h.Test[1:], " ")}
	}
	return h.Test[1:]
}
