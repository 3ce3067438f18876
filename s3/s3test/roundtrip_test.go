package s3test_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"bootrc/s3/s3test"
)

// TestRoundTrip carries a folder to a store and back to another folder.
func TestRoundTrip(t *testing.T) {
	for _, c := range []struct {
		name    string
		objects []s3test.Object
		aspects s3test.Aspect
		options []string
	}{
		{"hostile names", s3test.HostileNames(), s3test.Times, nil},
		{"preserved", s3test.Preserved(), s3test.Everything, []string{"--preserve"}},
		{"preserved hostile names", s3test.HostileNames(), s3test.Everything, []string{"--preserve"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, func(t *testing.T, s *store) {
				source, back := folder(t, c.objects...), folder(t)
				s3sync(t, s, slices.Concat(c.options, []string{source, s.name()})...).succeeds(t)
				s3sync(t, s, slices.Concat(c.options, []string{s.name(), back})...).succeeds(t)
				same(t, source, back, c.aspects)

				t.Run("nothing to do again", func(t *testing.T) {
					p := s.behind(t)
					s3sync(t, s, slices.Concat(c.options, []string{"--overwrite", "--remove", source, s.name()})...).succeeds(t)
					s3sync(t, s, slices.Concat(c.options, []string{"--overwrite", "--remove", s.name(), back})...).succeeds(t)
					for _, request := range p.Requests() {
						if isTransfer(request) {
							t.Errorf("nothing had changed, but there was %s", request)
						}
					}
					same(t, source, back, c.aspects)
				})
			})
		})
	}
}

// TestMetadataAlone changes nothing but metadata, which --preserve must carry too.
func TestMetadataAlone(t *testing.T) {
	onEach(t, func(t *testing.T, s *store) {
		source, back := folder(t, s3test.Preserved()...), folder(t)
		s3sync(t, s, "--preserve", source, s.name()).succeeds(t)
		s3sync(t, s, "--preserve", s.name(), back).succeeds(t)

		changed := s3test.Preserved()
		for i := range changed {
			if changed[i].Mode != 0 {
				changed[i].Mode ^= 0o010
			}
			changed[i].User, changed[i].Attributes = changed[i].User+1, map[string]string{"user.changed": "x"}
			if changed[i].Link != "" {
				changed[i].Attributes = nil
			}
		}
		changed = slices.DeleteFunc(changed, func(o s3test.Object) bool { return o.Same != "" })
		other := folder(t, changed...)
		s3sync(t, s, "--preserve", "--overwrite", "--remove", other, s.name()).succeeds(t)
		s3sync(t, s, "--preserve", "--overwrite", "--remove", s.name(), back).succeeds(t)
		same(t, other, back, s3test.Everything)
	})
}

// TestBetweenStores carries a bucket to another one, on another server.
func TestBetweenStores(t *testing.T) {
	from, to := newStore(t, s3test.MinIO), newStore(t, s3test.Versity)
	source, back := folder(t, append(s3test.Preserved(), s3test.HostileNames()...)...), folder(t)
	s3sync(t, from, "--preserve", source, from.name()).succeeds(t)

	between := program(t, from, "s3sync", "--preserve", from.name(), "other/"+to.Bucket+"/deep/prefix")
	between.Env = append(between.Env, alias("other", to.URL))
	finish(t, between).succeeds(t)

	s3sync(t, to, "--preserve", to.name()+"/deep/prefix", back).succeeds(t)
	same(t, source, back, s3test.Everything)
}

// TestIrregular has files that no store holds: all the rest is copied, and they are named.
func TestIrregular(t *testing.T) {
	onEach(t, func(t *testing.T, s *store) {
		source, back := folder(t, append(s3test.Irregular(), s3test.Object{Name: "file", Content: "x"})...), folder(t)
		r := s3sync(t, s, source, s.name())
		for _, o := range s3test.Irregular() {
			r.says(t, o.Name)
		}
		s3sync(t, s, s.name(), back).succeeds(t)
		equal(t, readTree(t, source).Without("irregular"), readTree(t, back).Without("irregular"), 0)
	})
}

// TestNames has names that a server refuses or cannot list: they arrive, or the status says
// that they did not.
func TestNames(t *testing.T) {
	names := []string{"\x01\x1f\x7f", "not UTF-8 \xff\xfe", strings.Repeat("n", 255), strings.Repeat("é", 127), strings.Repeat("deep/", 300) + "down"}
	for _, name := range names {
		t.Run(fmt.Sprintf("%.20q", name), func(t *testing.T) {
			onEach(t, func(t *testing.T, s *store) {
				source, back := folder(t, s3test.Object{Name: name, Content: "x"}, s3test.Object{Name: "beside", Content: "y"}), folder(t)
				up := s3sync(t, s, source, s.name())
				down := s3sync(t, s, s.name(), back)
				got := folderFiles(t, back)
				if got["beside"] != "y" && down.Status == 0 {
					t.Errorf("beside is missing\n%s%s", up.Out, down.Out)
				}
				if got[name] != "x" && up.Status == 0 && down.Status == 0 {
					t.Errorf("it is missing\n%s%s", up.Out, down.Out)
				}
			})
		})
	}
}

// big makes TestMany and TestLarge as big as S3's limits want it: S3TEST_BIG=1.
var big = os.Getenv("S3TEST_BIG") != ""

// TestMany carries more small files than a page of a listing has: ten thousand, if it is to be
// big.
func TestMany(t *testing.T) {
	count := 1200
	if big {
		count = 10_000
	}
	onEach(t, func(t *testing.T, s *store) {
		source, back := folder(t, s3test.Many(count, 100)...), folder(t)
		s3sync(t, s, source, s.name()).succeeds(t)
		s3sync(t, s, s.name(), back).succeeds(t)
		same(t, source, back, s3test.Times)
	})
}

// TestLarge carries a sparse file of many parts, which has something at its start, its end and
// in between. If it is to be big, no single request may be as large (Amazon S3 API Reference,
// PutObject: 5 GiB).
func TestLarge(t *testing.T) {
	size := int64(200<<20 + 1)
	if big {
		size = 5<<30 + 1
	}
	onEach(t, func(t *testing.T, s *store) {
		source, back := folder(t, s3test.Object{Name: "large", Content: "start", Size: size}), folder(t)
		poke(t, source+"/large", size/3, "middle")
		poke(t, source+"/large", size-3, "end")
		s3sync(t, s, source, s.name()).succeeds(t)
		s3sync(t, s, s.name(), back).succeeds(t)
		same(t, source, back, s3test.Times)
	})
}
