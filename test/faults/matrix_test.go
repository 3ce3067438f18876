package faults_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"testing"
	"time"

	"bootrc/s3/s3test"
)

// works are what meets the faults.
var works = map[string]func(*testing.T) *site{"pull": newPull, "upload": newUpload, "download": newDownload, "volume": newVolume}

// content is about a request that carries much, either way.
func content(r *http.Request) bool { return s3test.Upload(r) || s3test.Download(r) }

// reset ends the connection as a machine does that has lost its state.
func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	}
}

// stall sends so many bytes of a body and then nothing, until the client has gone.
func stall(bytes int64) func(*http.Response) error {
	return func(answer *http.Response) error {
		answer.Body = &stalled{answer.Body, bytes, answer.Request.Context().Done()}
		return nil
	}
}

type stalled struct {
	io.ReadCloser
	left int64
	gone <-chan struct{}
}

func (s *stalled) Read(p []byte) (int, error) {
	if s.left == 0 {
		<-s.gone
		return 0, io.ErrUnexpectedEOF
	}
	n, err := s.ReadCloser.Read(p[:min(int64(len(p)), s.left)])
	s.left -= int64(n)
	return n, err
}

// servers are faults that a command gets over in one run, if it tries again.
var servers = []struct {
	name  string
	slow  bool // takes minutes
	fault s3test.Fault
}{
	{"reset", false, s3test.Fault{Every: 3, Times: 5, Answer: reset}},
	{"half a body", false, s3test.Fault{About: content, Every: 3, Times: 4, After: s3test.CutAnswer(1500)}},
	{"half a body that looks whole", false, s3test.Fault{About: s3test.Download, Every: 4, Times: 3, After: s3test.Rewrite(s3test.Truncate)}},
	{"5xx storm", false, s3test.Fault{Skip: 2, Times: 4, Answer: s3test.Refuse(500, "InternalError", "We encountered an internal error.")}},
	{"SlowDown", false, s3test.Fault{Every: 3, Answer: s3test.Refuse(503, "SlowDown", "Please reduce your request rate.")}},
	{"answers lost", false, s3test.Fault{Every: 4, Times: 4, After: s3test.LoseAnswer}},
	{"no answer", true, s3test.Fault{Skip: 3, Times: 1, Answer: s3test.Hang}},
	{"a body that stalls", true, s3test.Fault{About: content, Skip: 1, Times: 1, After: stall(1500)}},
}

func TestServers(t *testing.T) {
	for work, begin := range works {
		for _, c := range servers {
			if c.slow && !*full || work == "volume" { // volumes have no server
				continue
			}
			if work == "upload" && c.name == "half a body that looks whole" {
				continue // nothing is read
			}
			t.Run(work+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				s := begin(t)
				s.proxy.Misbehave(c.fault)
				s.succeeds(t)
				if s.proxy.Struck() == 0 {
					t.Error("the fault was never met")
				}
			})
		}
	}
}

// TestFullDisk has the disk be full in the middle: the command fails and says why, leaves what was
// there as it was, and works once there is room.
func TestFullDisk(t *testing.T) {
	for work, size := range map[string]string{"pull": "4m", "download": "8m", "volume": "8k"} {
		t.Run(work, func(t *testing.T) {
			t.Parallel()
			s := works[work](t)
			s.resize(t, size)
			if status, out := s.run(t, s.args...); status == 0 {
				t.Errorf("it passes:\n%s", out)
			}
			s.resize(t, "256m")
			if text := s.wrong(t); text != "" {
				t.Error("after the failure: " + text)
			}
			s.succeeds(t)
		})
	}
}

// TestKilled kills each command at random moments, as a power cut of the process would.
func TestKilled(t *testing.T) {
	kills := 4
	if *full {
		kills = 30
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for work, begin := range works {
		t.Run(work, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, uint64(len(work))))
			clean := begin(t)
			slow := s3test.Fault{Before: s3test.Delay(10 * time.Millisecond)} // so that there is a middle
			if clean.proxy != nil {
				clean.proxy.Misbehave(slow)
			}
			begun := time.Now()
			clean.succeeds(t)
			took := time.Since(begun)
			s := begin(t)
			if s.proxy != nil {
				s.proxy.Misbehave(slow)
			}
			killed := 0
			for range kills {
				cmd := s.command(t, s.args...)
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Duration(random.Int64N(int64(took))))
				cmd.Process.Kill()
				if cmd.Wait() != nil && cmd.ProcessState.ExitCode() == -1 {
					killed++
				} else {
					took = max(took*2/3, 10*time.Millisecond) // the last attempt had less left to do
				}
			}
			s.succeeds(t)
			fmt.Printf("faults: %s was killed %d times of %d before its end\n", work, killed, kills)
		})
	}
}
