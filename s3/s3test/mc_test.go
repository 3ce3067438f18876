package s3test_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"bootrc/s3/s3test"
	"bootrc/test/built"

	"golang.org/x/sys/unix"
)

// mc runs MinIO's client as boot2container does.
func mc(t *testing.T, s *store, args ...string) result {
	t.Helper()
	file, err := built.File("mc")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), file, append([]string{"--config-dir", t.TempDir()}, args...)...)
	cmd.Env = append(os.Environ(), alias("store", s.URL))
	return finish(t, cmd)
}

// dressed are files with the metadata that mc carries.
func dressed() []s3test.Object {
	at := time.Unix(1_234_567_890, 987_654_321)
	return []s3test.Object{
		{Name: "plain", Content: "plain", Mode: 0o644, Time: at},
		{Name: "private", Content: "private", Mode: 0o600, User: 1000, Group: 100, Time: at},
		{Name: "folder/with space", Content: "x", Mode: 0o640, User: 1, Group: 2, Time: at},
		{Name: "large", Content: s3test.Noise(3, 20<<20), Mode: 0o444, Time: at},
	}
}

// TestFromMC has mc write what s3sync reads.
func TestFromMC(t *testing.T) {
	onEach(t, func(t *testing.T, s *store) {
		source := folder(t, dressed()...)
		mc(t, s, "mirror", "-a", source, s.name()).succeeds(t)

		back := folder(t)
		s3sync(t, s, "--preserve", s.name(), back).succeeds(t)
		equal(t, readTree(t, source).Without("folder"), readTree(t, back).Without("folder"), s3test.Modes|s3test.Owners|s3test.Times)
		same(t, source, back, 0)

		t.Run("which finds nothing to upload", func(t *testing.T) {
			p := s.behind(t)
			s3sync(t, s, "--overwrite", source, s.name()).succeeds(t)
			for _, request := range p.Requests() {
				if strings.HasPrefix(request, "PUT ") || strings.HasPrefix(request, "POST ") {
					t.Errorf("nothing had changed, but there was %s", request)
				}
			}
		})
	})
}

// TestToMC has mc read what s3sync wrote.
func TestToMC(t *testing.T) {
	onEach(t, func(t *testing.T, s *store) {
		source := folder(t, dressed()...)
		s3sync(t, s, "--preserve", source, s.name()).succeeds(t)

		back := folder(t)
		mc(t, s, "mirror", "-a", s.name(), back).succeeds(t)
		equal(t, readTree(t, source).Without("folder"), readTree(t, back).Without("folder"), s3test.Modes|s3test.Owners|s3test.Times)
		same(t, source, back, 0)

		t.Run("which finds nothing to upload", func(t *testing.T) {
			r := mc(t, s, "mirror", "-a", "--overwrite", "--json", source, s.name()).succeeds(t)
			if strings.Contains(r.Out, `"source"`) {
				t.Errorf("nothing had changed, but mc says:\n%s", r.Out)
			}
		})
	})
}

// TestBesideMC has what only s3sync keeps in a bucket that mc mirrors: mc must bring the
// files down. Of the names of one file, it only brings the first with its content.
func TestBesideMC(t *testing.T) {
	onEach(t, func(t *testing.T, s *store) {
		source := folder(t, append(dressed(),
			s3test.Object{Name: "empty", Type: unix.S_IFDIR, Mode: 0o755},
			s3test.Object{Name: "link", Link: "plain"},
			s3test.Object{Name: "plain too", Same: "plain"})...)
		s3sync(t, s, "--preserve", source, s.name()).succeeds(t)
		back := folder(t)
		mc(t, s, "mirror", s.name(), back)
		got := folderFiles(t, back)
		for name, want := range folderFiles(t, source) {
			if name != "plain too" && got[name] != want {
				t.Errorf("mc brought no %q", name)
			}
		}
	})
}
