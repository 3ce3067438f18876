package volume

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// longestPause is how long nobody has used a store at the most. A clock that shows more is
// rather wrong, and what is removed by it does not come back.
const longestPause = 365 * 24 * time.Hour

// ErrLeap is wrapped where a clock may be too far ahead to remove anything by it.
var ErrLeap = errors.New("the clock has leapt by more than a year (b2c.trust_clock, if it is right)")

// clock compares the clock with the time when volumes expired last, which it notes as that of
// the lock's file: not when the machine was switched on, because many have no battery.
func (s *Store) clock(now time.Time, trusted bool) (leap error) {
	lock, err := s.lock()
	if err != nil {
		return err
	}
	defer lock.Close()
	info, err := lock.Stat()
	if err != nil {
		return err
	}
	last := info.ModTime()
	if now.Sub(last) > longestPause && !trusted {
		return fmt.Errorf("%w: it shows %s, and showed %s when volumes were used last", ErrLeap, now.UTC().Format(time.DateOnly), last.UTC().Format(time.DateOnly))
	}
	if now.After(last) {
		return os.Chtimes(lock.Name(), time.Time{}, now)
	}
	return nil
}
