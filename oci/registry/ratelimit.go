package registry

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// rateLimit says which limit of pulls is used up, and when there is one again, or "" where the
// answer tells of none. Docker has RateLimit-Limit: 100;w=21600, which is 100 pulls in 21,600
// seconds, and RateLimit-Remaining: 0;w=21600.
func rateLimit(header http.Header, after time.Duration) string {
	left, _, ok := windowed(header.Get("RateLimit-Remaining"))
	if !ok || left > 0 {
		return ""
	}
	limit, window, _ := windowed(header.Get("RateLimit-Limit"))
	when := "try again later"
	switch {
	case after > 0:
		when = fmt.Sprintf("try again in %v", after.Round(time.Second))
	case window > 0:
		when = fmt.Sprintf("try again in %v at most", window)
	}
	allowance := "its limit of pulls is used up"
	if limit > 0 && window > 0 {
		allowance = fmt.Sprintf("its limit of %d pulls in %v is used up", limit, window)
	}
	return allowance + ": " + when + ", log in (b2c.login=) or use a mirror (b2c.mirror=)"
}

// windowed reads N or N;w=SECONDS.
func windowed(text string) (n int, window time.Duration, ok bool) {
	number, parameter, _ := strings.Cut(text, ";")
	n, err := strconv.Atoi(strings.TrimSpace(number))
	if seconds, given := strings.CutPrefix(strings.TrimSpace(parameter), "w="); given {
		if s, err := strconv.ParseUint(seconds, 10, 31); err == nil {
			window = time.Duration(s) * time.Second
		}
	}
	return n, window, err == nil
}
