package boot

import (
	"context"
	"testing"
	"time"
)

func TestDeadlines(t *testing.T) {
	for _, tt := range []struct {
		value, phase string
		up           time.Duration
		failed       bool // something before it
		most         time.Duration
		cause        string
	}{
		{"", "60-run.sh", time.Hour, false, 0, ""},
		{"30m", "60-run.sh", 10 * time.Minute, false, 20 * time.Minute, "the boot took longer than b2c.deadline=30m, in 60-run.sh"},
		{"30m", "60-run.sh", 40 * time.Minute, false, 0, "the boot took longer than b2c.deadline=30m, in 60-run.sh"},
		{"network:60,run:2h", "60-run.sh", 0, false, 2 * time.Hour, "60-run.sh took longer than b2c.deadline=run:2h"},
		{"network:60,run:2h", "30-network.sh", 0, false, time.Minute, "30-network.sh took longer than b2c.deadline=network:1m"},
		{"network:60,run:2h", "50-volumes.sh", 0, false, 0, ""},
		{"1h,run:2h", "60-run.sh", 0, false, time.Hour, "the boot took longer than b2c.deadline=1h, in 60-run.sh"},
		{"1h,run:5", "60-run.sh", 0, false, 5 * time.Second, "60-run.sh took longer than b2c.deadline=run:5s"},
		{"1h", "90-cleanup.sh", 2 * time.Hour, false, 10 * time.Minute, "90-cleanup.sh took longer than 10m0s"},
		{"unmount:1h", "95-unmount.sh", 0, false, time.Hour, "95-unmount.sh took longer than b2c.deadline=unmount:1h"},
		{"1h", "46-cache.sh", 2 * time.Hour, true, 10 * time.Minute, "46-cache.sh took longer than 10m0s"},
		{"1h,cache:2h", "46-cache.sh", 2 * time.Hour, true, 2 * time.Hour, "46-cache.sh took longer than b2c.deadline=cache:2h"},
	} {
		d, err := parseDeadlines(tt.value)
		if err != nil {
			t.Fatal(err)
		}
		most, cause := d.of(phase{tt.phase}, tt.up, tt.failed)
		text := ""
		if cause != nil {
			text = cause.text
		}
		if most != tt.most || text != tt.cause {
			t.Errorf("b2c.deadline=%s, %s after %s: %s, %q; want %s, %q", tt.value, tt.phase, tt.up, most, text, tt.most, tt.cause)
		}
	}
}

func TestDeadlinesRefused(t *testing.T) {
	for value, want := range map[string]string{
		"soon":      `argument b2c.deadline=soon: "soon" is not a time: give seconds, such as 0.5, or a number with m, h or d`,
		"0":         `argument b2c.deadline=0: "0" leaves no time at all`,
		"run:":      `argument b2c.deadline=run:: "" is not a time: give seconds, such as 0.5, or a number with m, h or d`,
		"30m,run:x": `argument b2c.deadline=30m,run:x: "x" is not a time: give seconds, such as 0.5, or a number with m, h or d`,
	} {
		if _, err := parseDeadlines(value); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", value, err, want)
		}
	}
}

// A phase that ends for another reason than its deadline is not late.
func TestLateness(t *testing.T) {
	d, _ := parseDeadlines("run:0.001")
	ctx, cancel := d.within(t.Context(), phase{"60-run.sh"}, false)
	defer cancel()
	<-ctx.Done()
	if lateness(ctx) == nil {
		t.Error("the deadline is not seen")
	}
	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	if l := lateness(ctx); l != nil {
		t.Errorf("a phase that was interrupted is said to be late: %v", l)
	}
}
