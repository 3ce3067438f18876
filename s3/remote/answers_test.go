package remote

import (
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// slow is a body of which each read takes a time.
type slow struct {
	step int
	wait time.Duration
	left int
}

func (s *slow) Close() error { return nil }

func (s *slow) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	time.Sleep(s.wait)
	n := min(s.step, s.left, len(p))
	s.left -= n
	return n, nil
}

func TestContentThatDrips(t *testing.T) {
	for _, c := range []struct {
		name    string
		body    slow
		options Options
		pause   time.Duration // between reads
		want    error
	}{
		{"a byte a minute", slow{1, time.Minute, 1000}, Options{}, 0, errDrips},
		{"ten bytes a second", slow{10, time.Second, 1 << 20}, Options{}, 0, errDrips},
		{"a short one, slowly", slow{1, time.Second, 100}, Options{}, 0, nil},
		{"a kilobyte a second", slow{1000, time.Second, 1 << 20}, Options{}, 0, nil},
		{"a record now and then", slow{maxFloor, idle - time.Second, 1 << 20}, Options{}, 0, nil},
		{"a disk that takes its time", slow{1, time.Millisecond, 1000}, Options{}, time.Hour, nil},
		{"a small share of a small bandwidth", slow{32, time.Second, 1 << 16}, Options{Bandwidth: 1 << 10, Connections: 32}, 0, nil},
		{"less than a share of it", slow{1, time.Second, 1 << 16}, Options{Bandwidth: 1 << 10, Connections: 32}, 0, errDrips},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				body, buf := &steady{ReadCloser: &c.body, floor: newFloor(c.options)}, make([]byte, 64<<10)
				var err error
				for err == nil {
					_, err = body.Read(buf)
					time.Sleep(c.pause)
				}
				if err == io.EOF {
					err = nil
				}
				if !errors.Is(err, c.want) {
					t.Errorf("%v, want %v", err, c.want)
				}
			})
		})
	}
}
