package boot

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"bootrc/init/console"
	"bootrc/init/lastboot"
)

// testBoot returns a boot with these arguments, and what its console shows.
func testBoot(t *testing.T, arguments string) (b *boot, shown func() string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "console")
	terminal, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	given, err := firstArguments(arguments, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b, err = newBoot(nil, nil, given, "", console.New(terminal), new(ahead))
	if err != nil {
		t.Fatal(err)
	}
	return b, func() string {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}

// A boot that failed runs its final phases, and its cache's if that is to keep word of why.
func TestWants(t *testing.T) {
	for name, tt := range map[string]struct {
		arguments string
		failed    bool
		ended     string // why a deadline ended it
		want      string
	}{
		"all is well":       {"", false, "", "30-network.sh 46-cache.sh 60-run.sh 90-cleanup.sh"},
		"skipped":           {"b2c.skip=run,cleanup", false, "", "30-network.sh 46-cache.sh"},
		"failed":            {"", true, "", "90-cleanup.sh"},
		"ended":             {"", true, "it took too long", "46-cache.sh 90-cleanup.sh"},
		"ended and skipped": {"b2c.skip=cache", true, "it took too long", "90-cleanup.sh"},
	} {
		b, _ := testBoot(t, tt.arguments)
		b.failed = tt.failed
		if tt.ended != "" {
			b.diary.End(tt.ended)
		}
		var got []string
		for _, file := range []string{"30-network.sh", "46-cache.sh", "60-run.sh", "90-cleanup.sh"} {
			if b.wants(phase{file}) {
				got = append(got, file)
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: it runs %q, want %s", name, got, tt.want)
		}
	}
}

// A cache that does not answer does not keep the boot from its end.
func TestDiaryOfADeadCache(t *testing.T) {
	b, shown := testBoot(t, "")
	synctest.Test(t, func(t *testing.T) {
		never := make(chan struct{})
		defer close(never)
		dead := b.diary
		b.note(t.Context(), func(*lastboot.Diary) error {
			<-never
			return nil
		})
		if b.diary == dead {
			t.Error("the next phase would wait again")
		}
	})
	if want := "the cache does not answer within 30s (not fatal)"; !strings.Contains(shown(), want) {
		t.Errorf("no %q in %q", want, shown())
	}
}
