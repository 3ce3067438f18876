package s3test_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"bootrc/s3/s3test"
)

// other names a bucket that does not exist yet, beside the store's.
func (s *store) other() *store {
	o := *s
	o.Bucket += "-new"
	return &o
}

// TestMissingBucket has nothing to fetch from, and where that is all right, nothing happens:
// above all, nothing is removed.
func TestMissingBucket(t *testing.T) {
	onEach(t, func(t *testing.T, s *store) {
		missing, dir := s.other(), folder(t, carried()...)
		want := folderFiles(t, dir)
		for _, dst := range []string{dir, s.name()} {
			s3sync(t, s, "--overwrite", "--remove", missing.name(), dst).fails(t, missing.Bucket, "no such bucket")
			s3sync(t, s, "--overwrite", "--remove", "--missing-ok", missing.name(), dst).succeeds(t).says(t, missing.Bucket, "no such bucket")
		}
		equalFiles(t, result{}, folderFiles(t, dir), want)
		w := watch(t, s, "--overwrite", "--remove", "--missing-ok", missing.name(), dir)
		await(t, "a word", func() bool { return w.said("waiting for it") })
		r := w.stop().succeeds(t)
		equalFiles(t, r, folderFiles(t, dir), want)
	})
}

// TestBucketAppears waits for a bucket, both ways at once: what appears there comes, and what
// the folder has is not removed, but goes up.
func TestBucketAppears(t *testing.T) {
	onEach(t, func(t *testing.T, s *store) {
		missing, dir := s.other(), folder(t, s3test.Object{Name: "ours", Content: "ours"})
		options := []string{"--overwrite", "--remove", "--missing-ok"}
		down := watch(t, s, append(options, missing.name(), dir)...)
		await(t, "the watcher", func() bool { return down.said("waiting for it") })
		s3sync(t, s, folder(t, s3test.Object{Name: "theirs", Content: "theirs"}), missing.name()).succeeds(t).says(t, "made the bucket "+missing.Bucket)
		await(t, "what has appeared", func() bool {
			content, err := os.ReadFile(dir + "/theirs")
			return err == nil && string(content) == "theirs"
		})
		up := watch(t, s, append(options, dir, missing.name())...)
		await(t, "what was there", func() bool { return len(missing.keys(t)) == 2 })
		up.stop().succeeds(t)
		r := down.stop().succeeds(t)
		equalFiles(t, r, folderFiles(t, dir), files{"ours": "ours", "theirs": "theirs"})
	})
}

// TestManyOnOneAlias pushes several folders into one bucket at once, which each finds missing,
// and pulls them, with what templates leave empty.
func TestManyOnOneAlias(t *testing.T) {
	onEach(t, func(t *testing.T, s *store) {
		missing := s.other()
		p := s.behind(t)
		const count = 5
		var arrived sync.WaitGroup
		arrived.Add(count)
		p.Misbehave(s3test.Fault{About: makesBucket, Times: count, Before: func(*http.Request) {
			arrived.Done()
			arrived.Wait() // until all want to make it
		}})
		var group sync.WaitGroup
		for i := range count {
			source := folder(t, s3test.Many(20+i, 100)...)
			place, back := fmt.Sprintf("%s/%d", missing.name(), i), folder(t)
			group.Go(func() {
				up := finish(t, program(t, s, "s3sync", "--overwrite", "--exclude=", "--include=", "--encrypt-key=", source, place))
				down := finish(t, program(t, s, "s3sync", "--exclude", "", place, back))
				if up.Status != 0 || down.Status != 0 {
					t.Errorf("status %d and %d:\n%s%s", up.Status, down.Status, up.Out, down.Out)
					return
				}
				same(t, source, back, s3test.Times)
			})
		}
		group.Wait()
		if n := p.Struck(); n != count {
			t.Errorf("%d wanted to make the bucket, not %d", n, count)
		}
	})
}

// makesBucket is about CreateBucket.
func makesBucket(r *http.Request) bool {
	return r.Method == http.MethodPut && strings.Count(strings.Trim(r.URL.Path, "/"), "/") == 0
}

// TestBucketUnseen has keys that may do what they have to, but not look at the bucket.
func TestBucketUnseen(t *testing.T) {
	onEach(t, func(t *testing.T, s *store) {
		p, source, back := s.behind(t), folder(t, carried()...), folder(t)
		p.Misbehave(s3test.Fault{
			About: func(r *http.Request) bool {
				return r.Method == http.MethodHead && strings.Trim(r.URL.Path, "/") == s.Bucket
			},
			Answer: s3test.Refuse(403, "AccessDenied", "Access Denied."),
		})
		s3sync(t, s, source, s.name()+"/below").succeeds(t)
		s3sync(t, s, s.name()+"/below", back).succeeds(t)
		same(t, source, back, s3test.Times)
		if p.Struck() == 0 {
			t.Error("the bucket was never looked at")
		}
	})
}
