package within

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestDo(t *testing.T) {
	failure, ended := errors.New("failure"), errors.New("ended")
	for name, tt := range map[string]struct {
		takes  time.Duration // f
		ctx    time.Duration // until ctx ends
		result error         // of f
		want   error
	}{
		"at once":             {0, time.Hour, nil, nil},
		"failing":             {0, time.Hour, failure, failure},
		"slow":                {9 * time.Second, time.Hour, failure, failure},
		"too slow":            {11 * time.Second, time.Hour, nil, ErrLate},
		"not wanted any more": {9 * time.Second, time.Second, nil, ended},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeoutCause(t.Context(), tt.ctx, ended)
				defer cancel()
				err := Do(ctx, 10*time.Second, func() error {
					time.Sleep(tt.takes)
					return tt.result
				})
				time.Sleep(time.Minute) // what was left behind comes to its end
				if err != tt.want {
					t.Errorf("got %v, want %v", err, tt.want)
				}
			})
		})
	}
}
