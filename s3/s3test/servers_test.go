package s3test_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bootrc/s3/s3test"

	"golang.org/x/sys/unix"
)

// optional are servers that take long to build, which test.sh leaves out: S3TEST_SERVERS
// names those to test, between blanks.
var optional = []s3test.Kind{s3test.SeaweedFS}

// TestServers has every kind of server do all that s3sync needs.
func TestServers(t *testing.T) {
	all := append(slices.Clone(kinds), s3test.Rclone)
	for name := range strings.FieldsSeq(os.Getenv("S3TEST_SERVERS")) {
		i := slices.IndexFunc(optional, func(k s3test.Kind) bool { return k.Name == name })
		if i < 0 {
			t.Fatalf("S3TEST_SERVERS names %q, which is none of the optional servers", name)
		}
		all = append(all, optional[i])
	}
	for _, kind := range all {
		t.Run(kind.Name, func(t *testing.T) {
			server, err := s3test.NewServer(kind, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(server.Kill)
			serves(t, func(t *testing.T) *store { return newBucket(t, server) }, kind.Lacks)
		})
	}
}

// TestDialects has stores answer otherwise than S3: all arrives nevertheless, both ways.
func TestDialects(t *testing.T) {
	for _, d := range s3test.Dialects {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			server, err := servers[s3test.MinIO.Name].start(s3test.MinIO)
			if err != nil {
				t.Fatal(err)
			}
			struck, lacks := int64(0), "names"
			if d.Lists {
				lacks = ""
			}
			serves(t, func(t *testing.T) *store {
				s := newStore(t, s3test.MinIO)
				p := s.behind(t)
				p.Misbehave(d.Faults(server)...)
				t.Cleanup(func() { struck += p.Struck() })
				return s
			}, lacks)
			if struck == 0 {
				t.Error("the dialect was never met")
			}
		})
	}
}

// TestDialectIsLearnt has a store refuse what it does not know: once, and not at all where the
// alias tells.
func TestDialectIsLearnt(t *testing.T) {
	for _, d := range s3test.Dialects {
		if d.Option == "" {
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			server, err := servers[s3test.MinIO.Name].start(s3test.MinIO)
			if err != nil {
				t.Fatal(err)
			}
			s := newStore(t, s3test.MinIO)
			p := s.behind(t)
			for option, want := range map[string]int64{"": 1, "?dialect=" + d.Option: 0} {
				p.Misbehave(d.Faults(server)...)
				source := folder(t, append(carried(), s3test.Many(30, 10)...)...)
				named := *s
				named.URL += "/" + option
				s3sync(t, &named, "--concurrency", "1", "--overwrite", "--remove", "--checksum", source, s.name()+"/"+option).succeeds(t)
				remove(t, source+"/folder-000")
				s3sync(t, &named, "--concurrency", "1", "--overwrite", "--remove", source, s.name()+"/"+option).succeeds(t)
				if refused := p.Struck(); refused > 2*want || want > 0 && refused == 0 {
					t.Errorf("%q: it was refused %d times in two runs, want %d in each", option, refused, want)
				}
			}
		})
	}
}

// serves carries folders to a store and back, in all ways. What a server lacks is named
// between blanks: "names" if it refuses some names, "folders" if it keeps nothing of
// folders.
func serves(t *testing.T, newStore func(*testing.T) *store, lacks string) {
	objects := append(s3test.Many(30, 1000), s3test.Object{Name: "large", Content: s3test.Noise(4, 33<<20)})
	if !strings.Contains(lacks, "names") {
		objects = append(objects, s3test.HostileNames()...)
	}
	t.Run("both ways", func(t *testing.T) {
		s, source, back := newStore(t), folder(t, objects...), folder(t)
		s3sync(t, s, source, s.name()).succeeds(t)
		s3sync(t, s, s.name(), back).succeeds(t)
		same(t, source, back, s3test.Times)
		for _, args := range [][]string{{source, s.name()}, {s.name(), back}, {"--checksum", source, s.name()}} {
			r := s3sync(t, s, append([]string{"--overwrite", "--remove"}, args...)...).succeeds(t)
			r.says(t, ": 0 copied")
		}

		// something new, something changed, something gone, in every folder
		write(t, source+"/folder-000/new", "new")
		write(t, source+"/folder-000/file-00001", "changed")
		remove(t, source+"/folder-000/file-00002")
		remove(t, source+"/large")
		for range 2 {
			s3sync(t, s, "--overwrite", "--remove", source, s.name()).succeeds(t)
			s3sync(t, s, "--overwrite", "--remove", s.name(), back).succeeds(t)
		}
		same(t, source, back, s3test.Times)

		inside := folder(t)
		s3sync(t, s, "--overwrite", s.name(), s.name()+"-copied/below").succeeds(t)
		s3sync(t, s, s.name()+"-copied/below", inside).succeeds(t)
		same(t, source, inside, 0)
	})
	t.Run("preserved", func(t *testing.T) {
		s, source, back := newStore(t), folder(t, s3test.Preserved()...), folder(t)
		for range 2 {
			s3sync(t, s, "--preserve", "--overwrite", "--remove", source, s.name()).succeeds(t)
			s3sync(t, s, "--preserve", "--overwrite", "--remove", s.name(), back).succeeds(t)
		}
		want, got := readTree(t, source), readTree(t, back)
		if strings.Contains(lacks, "folders") {
			for _, tree := range []s3test.Tree{want, got} {
				maps.DeleteFunc(tree, func(_ string, e s3test.Entry) bool { return e.Type == "folder" })
			}
		}
		equal(t, want, got, s3test.Everything)
	})
	t.Run("watch", func(t *testing.T) {
		s, source, back := newStore(t), folder(t, s3test.Many(20, 100)...), folder(t)
		up := watch(t, s, "--overwrite", "--remove", source, s.name())
		await(t, "the first pass up", func() bool { return len(s.keys(t)) == 20 })
		down := watch(t, s, "--overwrite", "--remove", s.name(), back)
		await(t, "the first pass down", func() bool {
			files, err := filepath.Glob(back + "/folder-000/*")
			return err == nil && len(files) == 20
		})
		write(t, source+"/later/file", "later")
		remove(t, source+"/folder-000/file-00003")
		await(t, "a change", func() bool {
			keys := s.keys(t)
			return slices.Contains(keys, "later/file") && len(keys) == 20
		})
		up.stop().succeeds(t)
		down.stop().succeeds(t)
		same(t, source, back, s3test.Times)
	})
	t.Run("s3", func(t *testing.T) {
		s, file := newStore(t), filepath.Join(folder(t, s3test.Object{Name: "file", Content: "content"}), "file")
		for _, args := range [][]string{
			{"cp", file, s.name() + "/a/file"}, {"cp", s.name() + "/a/file", s.name() + "/b/"}, {"stat", s.name() + "/b/file"},
			{"cp", s.name() + "/b/file", file + ".back"}, {"rm", s.name() + "/a/file"},
		} {
			finish(t, program(t, s, append([]string{"s3"}, args...)...)).succeeds(t)
		}
		finish(t, program(t, s, "s3", "cat", s.name()+"/b/file")).succeeds(t).says(t, "content")
		if got := s.keys(t); !slices.Equal(got, []string{"b/file"}) {
			t.Errorf("there are %q", got)
		}
		if content, err := os.ReadFile(file + ".back"); string(content) != "content" {
			t.Errorf("it came back as %q, %v", content, err)
		}
	})
	t.Run("what stands in the way", func(t *testing.T) {
		s, source, back := newStore(t), folder(t, s3test.Object{Name: "a/b", Content: "below"}, s3test.Object{Name: "c", Content: "c"}), folder(t)
		s3sync(t, s, source, s.name()).succeeds(t)
		s3sync(t, s, s.name(), back).succeeds(t)
		remove(t, source+"/a")
		remove(t, source+"/c")
		if err := s3test.Make(source, s3test.Object{Name: "a", Content: "a file now"}, s3test.Object{Name: "c", Type: unix.S_IFDIR, Mode: 0o755},
			s3test.Object{Name: "c/d", Content: "a folder now"}); err != nil {
			t.Fatal(err)
		}
		s3sync(t, s, "--overwrite", "--remove", source, s.name()).succeeds(t)
		s3sync(t, s, "--overwrite", "--remove", s.name(), back).succeeds(t)
		same(t, source, back, s3test.Times)
	})
}
