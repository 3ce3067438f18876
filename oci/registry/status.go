package registry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"bootrc/kit/foreign"
	"bootrc/kit/retry"
	"bootrc/oci/manifest"
)

// statusError is a registry's answer that is not success.
type statusError struct {
	code    int
	message string        // what it said, in a line
	after   time.Duration // for which it does not want to be asked again
	limit   string        // that was reached, as it says it
}

// RetryAfter is how long the registry wants to be left alone.
func (e *statusError) RetryAfter() time.Duration { return e.after }

// IsBusy tells whether it only has too many requests.
func (e *statusError) IsBusy() bool { return e.code == http.StatusTooManyRequests }

func (e *statusError) Error() string {
	text := map[int]string{
		http.StatusUnauthorized:    "unauthorized: it wants other credentials, or has no such image: give --creds USER:PASSWORD or --authfile FILE",
		http.StatusForbidden:       "access denied",
		http.StatusNotFound:        "not found",
		http.StatusTooManyRequests: "too many requests",
	}[e.code]
	if text == "" {
		text = fmt.Sprintf("answered %d %s", e.code, http.StatusText(e.code))
	}
	if e.message != "" {
		text += " (" + e.message + ")"
	}
	if e.limit != "" {
		return text + "; " + e.limit
	}
	if e.after > retry.LongestAsked {
		text += fmt.Sprintf("; it asked for a pause of %v, and got the longest there is, %v", e.after, retry.LongestAsked)
	}
	return text
}

// isTransient tells answers that may be others in a moment.
func (e *statusError) isTransient() bool {
	if e.limit != "" {
		return false // within the time that a boot has
	}
	switch e.code {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

func newStatusError(resp *http.Response) *statusError {
	defer resp.Body.Close()
	e := &statusError{code: resp.StatusCode, after: retry.After(resp.Header)}
	if resp.StatusCode == http.StatusTooManyRequests {
		e.limit = rateLimit(resp.Header, e.after)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 16<<10))
	if err != nil {
		return e
	}
	e.message = messageOf(body)
	return e
}

// messageOf reads distribution-spec's "Error Codes", or takes the text as it is.
func messageOf(body []byte) string {
	var said struct {
		Errors []struct{ Code, Message string }
	}
	if json.Unmarshal(body, &said) == nil && len(said.Errors) > 0 {
		if m := said.Errors[0].Message; m != "" {
			return foreign.Line(m)
		}
		return foreign.Line(said.Errors[0].Code)
	}
	if body = bytes.TrimSpace(body); len(body) == 0 {
		return ""
	}
	return manifest.Excerpt(body)
}
