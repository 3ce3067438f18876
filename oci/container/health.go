package container

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"bootrc/kit/command"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Health says how to find out whether a service works. What is zero is the
// image's, or podman's default.
type Health struct {
	Test        []string // CMD and words, CMD-SHELL and a line for a shell, or NONE
	Interval    time.Duration
	Timeout     time.Duration // of one check
	StartPeriod time.Duration // in which no failure counts
	Retries     int           // failures on end that make it unhealthy
	OnFailure   string        // what becomes of it then: HealthIgnore …, or "" where nothing was said
}

// What --health-on-failure takes.
const (
	HealthIgnore  = "none"
	HealthKill    = "kill"
	HealthRestart = "restart"
	HealthStop    = "stop"
)

const (
	healthNone  = "NONE"
	healthWords = "CMD"
	healthShell = "CMD-SHELL"
)

// healthDefaults are podman-run(1)'s.
var healthDefaults = v1.HealthConfig{Interval: 30 * time.Second, Timeout: 30 * time.Second, Retries: 3}

var health = slice{
	options: []command.Option{
		{Names: "--health-cmd", Value: "COMMAND", Help: `check a service with COMMAND, a line for a shell or ["PROGRAM","ARGUMENT",…]; none: not at all`},
		{Names: "--no-healthcheck", Help: "do without the image's check as well"},
		{Names: "--health-interval", Value: "DURATION", Check: check(parseDuration), Help: "check so often, such as 1m30s (default: the image's, or 30s)"},
		{Names: "--health-timeout", Value: "DURATION", Check: check(parseDuration), Help: "let a check take so long (default: the image's, or 30s)"},
		{Names: "--health-start-period", Value: "DURATION", Check: check(parseDuration), Help: "let no failure count for so long (default: the image's, or 0s)"},
		{Names: "--health-retries", Value: "NUMBER", Kind: command.Count, Help: "call it unhealthy after NUMBER of failures (default: the image's, or 3)"},
		{Names: "--health-on-failure", Value: "none|kill|restart|stop", Kind: command.Choice, Default: HealthIgnore,
			Help: "do this to a service that becomes unhealthy after it was healthy"},
	},
	read: func(call *command.Call, v *Invocation) error {
		h := &v.Options.Health
		switch {
		case call.Flag("no-healthcheck") && call.Has("health-cmd"):
			return command.Usagef("--no-healthcheck and --health-cmd exclude each other")
		case call.Has("health-retries") && call.Count("health-retries") == 0:
			return command.Usagef("--health-retries must be greater than 0")
		}
		if call.Has("health-on-failure") {
			h.OnFailure = call.Text("health-on-failure")
		}
		for name, text := range call.Given("health-cmd", "no-healthcheck") {
			if name == "health-cmd" {
				h.Test = parseHealthCommand(text)
			} else if call.Flag(name) {
				h.Test = []string{healthNone}
			}
		}
		h.Interval, _ = parseDuration(call.Text("health-interval"))
		h.Timeout, _ = parseDuration(call.Text("health-timeout"))
		h.StartPeriod, _ = parseDuration(call.Text("health-start-period"))
		h.Retries = call.Count("health-retries")
		return nil
	},
}

func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("expected a time such as 1m30s, got %q", text)
	}
	return d, nil
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

// Asked tells whether the options ask for checks: then one that fails is an error. An image's
// own are for whoever looks.
func (h Health) Asked() bool {
	return h.Test != nil || h.Interval != 0 || h.Timeout != 0 || h.StartPeriod != 0 || h.Retries != 0
}

// Acts tells whether something is done to a service that becomes unhealthy.
func (h Health) Acts() bool { return h.OnFailure != "" && h.OnFailure != HealthIgnore }

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
		h.Interval = cmp.Or(h.Interval, other.Interval)
		h.Timeout = cmp.Or(h.Timeout, other.Timeout)
		h.StartPeriod = cmp.Or(h.StartPeriod, other.StartPeriod)
		h.Retries = cmp.Or(h.Retries, other.Retries)
	}
	return h, len(h.Test) > 1
}

// Command is what is run in the container.
func (h Health) Command() []string {
	if h.Test[0] == healthShell {
		return []string{"/bin/sh", "-c", strings.Join(h.Test[1:], " ")}
	}
	return h.Test[1:]
}
