package s3test_test

import (
	"bytes"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"bootrc/s3/s3test"

	"golang.org/x/sys/unix"
)

// TestKilled kills s3sync at random moments, both ways, and then has it finish: in between
// no file is half there under its own name, and in the end nothing is left of the attempts.
func TestKilled(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	objects := append(carried(), s3test.Many(300, 2000)...)
	onEach(t, func(t *testing.T, s *store) {
		source := folder(t, objects...)
		back := folder(t)
		want := readTree(t, source)
		p := s.behind(t)
		// enough latency for the moments to hit the middle of something
		p.Misbehave(s3test.Fault{Before: s3test.Delay(2 * time.Millisecond)})
		for _, args := range [][]string{{source, s.name()}, {s.name(), back}} {
			for range 6 {
				kill(t, s, time.Duration(random.Int64N(int64(800*time.Millisecond))), args...)
				for name, e := range readTree(t, back) {
					if w, ok := want[name]; ok && e.Content != w.Content {
						t.Errorf("%q is half there: %s, want %s", name, e.Content, w.Content)
					}
				}
			}
			s3sync(t, s, args...).succeeds(t)
		}
		same(t, source, back, s3test.Times)
		if left := incomplete(t, s); len(left) > 0 {
			t.Errorf("parts are left of uploads of %q", left)
		}
	})
}

// kill runs s3sync and kills it after so long.
func kill(t *testing.T, s *store, after time.Duration, args ...string) {
	t.Helper()
	cmd := program(t, s, append([]string{"s3sync"}, args...)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	cmd.Process.Kill()
	cmd.Wait()
}

// incomplete are the keys of uploads in parts that never ended.
func incomplete(t *testing.T, s *store) (keys []string) {
	t.Helper()
	for u := range s.client.ListIncompleteUploads(t.Context(), s.Bucket, "", true) {
		if u.Err != nil {
			t.Fatal(u.Err)
		}
		keys = append(keys, u.Key)
	}
	return keys
}

// TestStopped asks s3sync to stop in the middle: it does so soon, with a status, and says
// what it was.
func TestStopped(t *testing.T) {
	onEach(t, func(t *testing.T, s *store) {
		source := folder(t, carried()...)
		p := s.behind(t)
		p.Misbehave(s3test.Fault{About: s3test.Upload, Answer: s3test.Hang})
		cmd := program(t, s, "s3sync", source, s.name())
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		await(t, "an upload", func() bool { return p.Struck() > 0 })
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() < 0 {
			t.Errorf("it ended with %v:\n%s", err, out.String())
		}
		if out.Len() == 0 {
			t.Error("it ended without a word")
		}
	})
}

// await waits for what must come.
func await(t *testing.T, what string, came func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !came(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// TestDiskFull has no room for everything: what has none is named, is not half there, and
// the rest arrives.
func TestDiskFull(t *testing.T) {
	onEach(t, func(t *testing.T, s *store) {
		source := folder(t, carried()...)
		s3sync(t, s, source, s.name()).succeeds(t)
		disk := t.TempDir()
		if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=8m"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Unmount(disk, unix.MNT_DETACH) })
		s3sync(t, s, s.name(), disk).fails(t, "large", "no space left")
		equal(t, readTree(t, source).Without("large"), readTree(t, disk), s3test.Times)

		if err := unix.Mount("tmpfs", disk, "tmpfs", unix.MS_REMOUNT, "size=80m"); err != nil {
			t.Fatal(err)
		}
		s3sync(t, s, s.name(), disk).succeeds(t)
		same(t, source, disk, s3test.Times)
	})
}
