package s3test_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"bootrc/s3/s3test"
)

// carried are the files that the faults are tried on: small ones, and one that goes in
// parts. All of them can be named if all of them fail.
func carried() []s3test.Object {
	return append(s3test.Many(12, 3000), s3test.Object{Name: "large", Content: s3test.Noise(1, 33<<20)})
}

// TestFaults has a server or a network that misbehaves while files go up and come down:
// in the end both sides are equal, or the status is not 0 and what is missing is named.
func TestFaults(t *testing.T) {
	const day = 24 * time.Hour
	source := folder(t, carried()...)
	want := folderFiles(t, source)
	full := make(map[string]*store)
	for _, kind := range kinds {
		full[kind.Name] = newStore(t, kind)
		s3sync(t, full[kind.Name], source, full[kind.Name].name()).succeeds(t)
	}
	for _, c := range []struct {
		name   string
		faults []s3test.Fault
		// heals says that a good program ends with both sides equal.
		heals bool
	}{
		{"503 SlowDown for every third request", []s3test.Fault{{Every: 3, Answer: s3test.Refuse(503, "SlowDown", "Please reduce your request rate.")}}, true},
		{"500 InternalError, a few times", []s3test.Fault{{Skip: 2, Times: 3, Answer: s3test.Refuse(500, "InternalError", "We encountered an internal error.")}}, true},
		{"503 from a gateway that speaks HTML", []s3test.Fault{{Every: 4, Answer: s3test.Say(503, "text/html", "<html>Service Unavailable</html>")}}, true},
		{"429 without a body", []s3test.Fault{{Every: 4, Answer: s3test.Say(429, "text/plain", "")}}, true},
		{"latency", []s3test.Fault{{Before: s3test.Delay(100 * time.Millisecond)}}, true},
		{"uploads cut after 1000 bytes, now and then", []s3test.Fault{{About: s3test.Upload, Every: 3, Before: s3test.CutRequest(1000)}}, true},
		{"parts cut after 5 MB, now and then", []s3test.Fault{{About: s3test.Upload, Every: 2, Before: s3test.CutRequest(5_000_000)}}, true},
		{"downloads cut after 1000 bytes, now and then", []s3test.Fault{{About: s3test.Download, Every: 3, After: s3test.CutAnswer(1000)}}, true},
		{"downloads cut after 5 MB, now and then", []s3test.Fault{{About: s3test.Download, Every: 2, After: s3test.CutAnswer(5_000_000)}}, true},
		{"answers lost", []s3test.Fault{{Every: 4, After: s3test.LoseAnswer}}, true},
		{"listings cut, once", []s3test.Fault{{About: s3test.Listing, Times: 1, After: s3test.CutAnswer(1000)}}, true},
		{"a Content-Length too long, now and then", []s3test.Fault{{About: s3test.Download, Every: 5, After: s3test.Promise(1)}}, true},
		{"a Content-Length too short, now and then", []s3test.Fault{{About: s3test.Download, Every: 5, After: s3test.Rewrite(s3test.Truncate)}}, true},
		{"a body too long, now and then", []s3test.Fault{{About: s3test.Download, Every: 5, After: s3test.Rewrite(s3test.Lengthen)}}, true},
		{"a bit altered, now and then", []s3test.Fault{{About: s3test.Download, Every: 5, After: s3test.Rewrite(s3test.Alter)}}, true},
		{"the server's clock a day ahead", []s3test.Fault{{After: s3test.ShiftTimes(day)}}, true},
		{"the server's clock a day behind", []s3test.Fault{{After: s3test.ShiftTimes(-day)}}, true},
		{"our clock a day ahead", []s3test.Fault{s3test.SkewedClock(-day)}, false},
		{"our clock a day behind", []s3test.Fault{s3test.SkewedClock(day)}, false},
		{"503 for every request", []s3test.Fault{{Answer: s3test.Refuse(503, "SlowDown", "Please reduce your request rate.")}}, false},
		{"every answer is a hotel's", []s3test.Fault{{Answer: s3test.Say(200, "text/html", "<!DOCTYPE html><title>Welcome to the hotel's network</title>")}}, false},
		{"every upload and download cut", []s3test.Fault{{About: s3test.Upload, Before: s3test.CutRequest(1000)}, {About: s3test.Download, After: s3test.CutAnswer(1000)}}, false},
		{"every upload refused", []s3test.Fault{{About: s3test.Upload, Answer: s3test.Refuse(403, "AccessDenied", "Access Denied.")}, {About: s3test.Download, Answer: s3test.Refuse(403, "AccessDenied", "Access Denied.")}}, false},
		{"every body altered", []s3test.Fault{{About: s3test.Upload, Before: func(r *http.Request) { r.Body = &alteringBody{r.Body} }}, {About: s3test.Download, After: s3test.Rewrite(s3test.Alter)}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, kind := range kinds {
				t.Run(kind.Name, func(t *testing.T) {
					up, down, back := newStore(t, kind), *full[kind.Name], folder(t)
					before, after := up.behind(t), down.behind(t)
					before.Misbehave(c.faults...)
					after.Misbehave(c.faults...)
					options := []string{"--retry", "6"}
					if !c.heals {
						options = []string{"--retry", "1"}
					}
					uploaded := s3sync(t, up, append(options, source, up.name())...)
					settled(t, uploaded, want, up.files(t, ""))
					downloaded := s3sync(t, &down, append(options, down.name(), back)...)
					settled(t, downloaded, want, folderFiles(t, back))
					if c.heals && uploaded.Status+downloaded.Status != 0 {
						t.Errorf("it does not get over it:\n%s%s", uploaded.Out, downloaded.Out)
					}
					if before.Struck()+after.Struck() == 0 {
						t.Error("the fault was never met")
					}
				})
			}
		})
	}
}

// settled checks what must hold after every run: either all files are there, or the status
// is not 0, and each that is not is named, or else the whole bucket is.
func settled(t *testing.T, r result, want, got files) {
	t.Helper()
	for name, content := range want {
		switch {
		case got[name] == content:
		case r.Status == 0:
			t.Errorf("%s: status 0, but %q is missing\n%s", r.Command, name, r.Out)
		case !strings.Contains(r.Out, name) && !aboutBucket.MatchString(r.Out):
			t.Errorf("%s: says nothing of %q, which is missing\n%s", r.Command, name, r.Out)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: %q is too many\n%s", r.Command, name, r.Out)
		}
	}
}

// aboutBucket is what stands for all files that are missing.
var aboutBucket = regexp.MustCompile(`: (list|look for bucket) bucket-[0-9]+[:/]`)

// alteringBody flips a bit of everything that goes through.
type alteringBody struct {
	body interface {
		Read([]byte) (int, error)
		Close() error
	}
}

func (a *alteringBody) Close() error { return a.body.Close() }

func (a *alteringBody) Read(p []byte) (int, error) {
	n, err := a.body.Read(p)
	if n > 0 {
		p[n/2] ^= 1
	}
	return n, err
}

// TestServerRestarts kills the server in the middle, and starts it again a little later.
func TestServerRestarts(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.Name, func(t *testing.T) {
			server, err := s3test.NewServer(kind, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(server.Kill)
			s := newBucket(t, server)
			source, back := folder(t, carried()...), folder(t)
			p := s.behind(t)
			restart := s3test.Fault{Skip: 12, Times: 1, Before: func(*http.Request) {
				server.Kill()
				go func() {
					time.Sleep(500 * time.Millisecond)
					if err := server.Start(); err != nil {
						t.Error(err)
					}
					p.Target(server.Address)
				}()
			}}
			for _, args := range [][]string{{source, s.name()}, {s.name(), back}} {
				p.Misbehave(restart)
				s3sync(t, s, args...).succeeds(t)
				if p.Struck() != 1 {
					t.Fatal("the server was not restarted")
				}
			}
			same(t, source, back, 0)
		})
	}
}

var tokens = regexp.MustCompile(`<NextContinuationToken>[^<]*</NextContinuationToken>`)

// TestNothingRemovedAfterFailedListing has listings that fail, or that are not whole: what is
// on the other side must stay.
func TestNothingRemovedAfterFailedListing(t *testing.T) {
	objects := s3test.Many(1100, 1) // more than a page of a thousand
	full := make(map[string]*store)
	for _, kind := range kinds {
		full[kind.Name] = newStore(t, kind)
		s3sync(t, full[kind.Name], folder(t, objects...), full[kind.Name].name()).succeeds(t)
	}
	page := func(change func([]byte) []byte) func(*http.Response) error { return s3test.Rewrite(change) }
	for _, c := range []struct {
		name  string
		fault s3test.Fault
	}{
		{"refused", s3test.Fault{About: s3test.Listing, Answer: s3test.Refuse(403, "AccessDenied", "Access Denied.")}},
		{"failing", s3test.Fault{About: s3test.Listing, Answer: s3test.Refuse(500, "InternalError", "We encountered an internal error.")}},
		{"no such bucket", s3test.Fault{About: s3test.Listing, Answer: s3test.Refuse(404, "NoSuchBucket", "The specified bucket does not exist")}},
		{"failing at its second page", s3test.Fault{About: s3test.NextPage, Answer: s3test.Refuse(503, "SlowDown", "Please reduce your request rate.")}},
		{"cut", s3test.Fault{About: s3test.Listing, After: s3test.CutAnswer(20_000)}},
		{"cut at its second page", s3test.Fault{About: s3test.NextPage, After: s3test.CutAnswer(20_000)}},
		{"half, with the length of half", s3test.Fault{About: s3test.Listing, After: page(func(b []byte) []byte { return b[:len(b)/2] })}},
		{"empty", s3test.Fault{About: s3test.Listing, Answer: s3test.Say(200, "application/xml", "")}},
		{"a hotel's", s3test.Fault{About: s3test.Listing, Answer: s3test.Say(200, "text/html", "<html><body>Welcome</body></html>")}},
		{"another document", s3test.Fault{About: s3test.Listing, Answer: s3test.Say(200, "application/xml", `<?xml version="1.0"?><Hello></Hello>`)}},
		{"an empty second page", s3test.Fault{About: s3test.NextPage, Answer: s3test.Say(200, "application/xml", "")}},
		{"without the token for its second page, and none in the older way", s3test.Fault{About: s3test.Listing, After: func(answer *http.Response) error {
			if !answer.Request.URL.Query().Has("list-type") {
				return s3test.LoseAnswer(answer)
			}
			return page(func(b []byte) []byte { return tokens.ReplaceAll(b, nil) })(answer)
		}}},
		{"with its first page again", s3test.Fault{About: s3test.Listing, After: page(func(b []byte) []byte {
			return []byte(strings.ReplaceAll(string(b), "<IsTruncated>false", "<IsTruncated>true"))
		})}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, kind := range kinds {
				t.Run(kind.Name, func(t *testing.T) {
					s, local, empty := *full[kind.Name], folder(t, objects...), folder(t)
					p := s.behind(t)
					for _, args := range [][]string{{s.name(), local}, {empty, s.name()}} {
						p.Misbehave(c.fault)
						s3sync(t, &s, "--retry", "1", "--overwrite", "--remove", args[0], args[1]).fails(t, "list")
					}
					if n := len(folderFiles(t, local)); n != len(objects) {
						t.Errorf("%d of %d files are left", n, len(objects))
					}
					if n := len(s.keys(t)); n != len(objects) {
						t.Errorf("%d of %d objects are left", n, len(objects))
					}
				})
			}
		})
	}
}

// TestNothingRemovedAfterUnreadableFolder has a folder that can be read in part only, or
// that is not there at all.
func TestNothingRemovedAfterUnreadableFolder(t *testing.T) {
	onEach(t, func(t *testing.T, s *store) {
		source := folder(t, carried()...)
		s3sync(t, s, source, s.name()).succeeds(t)
		keys := s.keys(t)

		locked := filepath.Join(source, "folder-000")
		if err := os.Chmod(locked, 0); err != nil {
			t.Fatal(err)
		}
		cmd := program(t, s, "s3sync", "--remove", source, s.name())
		// root may read everything, unless it gives that up
		cmd.Args = append([]string{"setpriv", "--bounding-set=-dac_override,-dac_read_search", cmd.Path}, cmd.Args[1:]...)
		cmd.Path = lookPath(t, "setpriv")
		finish(t, cmd).fails(t, "folder-000")
		s3sync(t, s, "--remove", source+"/nothing", s.name()).fails(t, "nothing")
		if got := s.keys(t); len(got) != len(keys) {
			t.Errorf("%d of %d objects are left", len(got), len(keys))
		}
	})
}
