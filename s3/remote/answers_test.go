package remote

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// sender sends a text, and takes a note that it did.
type sender struct {
	name, text string
	asked      *string
}

func (s sender) RoundTrip(*http.Request) (*http.Response, error) {
	*s.asked += s.name
	return &http.Response{StatusCode: http.StatusOK, ContentLength: int64(len(s.text)), Body: io.NopCloser(strings.NewReader(s.text))}, nil
}

// An object's content has to keep coming, and may be as long as it is; an answer of any
// other kind may take its time, and has an end.
func TestWhoseAnswer(t *testing.T) {
	long := strings.Repeat("x", maxAnswer+1)
	for _, c := range []struct {
		name    string
		content int64 // marked as such, of that length; -1: not
		asked   string
		fails   string
	}{
		{"content", int64(len(long)), "content", ""},
		{"content that is too short", int64(len(long) + 1), "content", "bytes of the"},
		{"another answer", -1, "other", "does not end"},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked, ctx := "", t.Context()
			if c.content >= 0 {
				ctx = withContent(ctx, c.content)
			}
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://a/b/c", nil)
			if err != nil {
				t.Fatal(err)
			}
			a := &answers{sender{"content", long, &asked}, sender{"other", long, &asked}, new(atomic.Int64)}
			response, err := a.RoundTrip(r)
			if err == nil {
				_, err = io.Copy(io.Discard, response.Body)
			}
			if asked != c.asked || err == nil != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
				t.Errorf("the transport of %s was asked: %v; want that of %s, and %q", asked, err, c.asked, c.fails)
			}
		})
	}
}
