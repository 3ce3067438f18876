package s3test_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bootrc/s3/s3test"

	"github.com/minio/minio-go/v7"
	"golang.org/x/sys/unix"
)

// TestKeyOfOurs encrypts with a key that the store does not keep: without it, nobody reads.
func TestKeyOfOurs(t *testing.T) {
	server, err := s3test.NewServer(s3test.SecureMinIO, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Kill)
	s := newBucket(t, server)
	const key, otherKey = "a key of thirty-two bytes: no 31", "another key of just as many bytes"
	trusting := []string{"--cacert", server.Certificate, "--preserve"}
	source := folder(t, append(carried(), s3test.Preserved()...)...)

	s3sync(t, s, source, s.name()).fails(t, "certificate")
	run := func(key, src, dst string) result {
		return s3sync(t, s, append(trusting, "--encrypt-key", "store/"+s.Bucket+"="+key, src, dst)...)
	}
	run(key, source, s.name()).succeeds(t)
	if _, err := s.client.StatObject(t.Context(), s.Bucket, "large", minio.StatObjectOptions{}); err == nil {
		t.Error("the object can be looked at without its key")
	}
	back := folder(t)
	run(key, s.name(), back).succeeds(t)
	same(t, source, back, s3test.Everything)

	for name, r := range map[string]result{
		"without the key":  s3sync(t, s, append(trusting, s.name(), folder(t))...),
		"with another key": run(otherKey[:32], s.name(), folder(t)),
	} {
		if r.Status == 0 || strings.Contains(r.Out, key) || strings.Contains(r.Out, otherKey[:32]) {
			t.Errorf("%s: status %d\n%s", name, r.Status, r.Out)
		}
	}
}

// TestStoresOwnKey has the store encrypt.
func TestStoresOwnKey(t *testing.T) {
	for option, want := range map[string]string{"s3": "AES256", "kms:bootrc": "aws:kms"} {
		t.Run(option, func(t *testing.T) {
			s := newStore(t, s3test.MinIO)
			source, back := folder(t, carried()...), folder(t)
			s3sync(t, s, "--sse", option, source, s.name()).succeeds(t)
			for _, name := range []string{"large", "folder-000/file-00000"} {
				o, err := s.client.StatObject(t.Context(), s.Bucket, name, minio.StatObjectOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if got := o.Metadata.Get("X-Amz-Server-Side-Encryption"); got != want {
					t.Errorf("%s is encrypted with %q, want %q", name, got, want)
				}
			}
			s3sync(t, s, s.name(), back).succeeds(t)
			same(t, source, back, s3test.Times)
		})
	}
}

// TestConcurrency counts how many requests there are at a time.
func TestConcurrency(t *testing.T) {
	s := newStore(t, s3test.MinIO)
	p := s.behind(t)
	most := func(options ...string) int64 {
		var now, most atomic.Int64
		p.Misbehave(s3test.Fault{About: s3test.Upload, Before: func(r *http.Request) {
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			s3test.Delay(20 * time.Millisecond)(r)
			now.Add(-1)
		}})
		source := folder(t, s3test.Many(40, 10)...)
		s3sync(t, s, slices.Concat(options, []string{"--overwrite", source, s.name() + strings.Join(options, "")})...).succeeds(t)
		return most.Load()
	}
	if n := most("--concurrency", "2"); n != 2 {
		t.Errorf("with --concurrency 2, there were %d requests at a time", n)
	}
	if n := most(); n <= 2 {
		t.Errorf("without an option, there were %d requests at a time", n)
	}
}

// TestRetry has a request fail once.
func TestRetry(t *testing.T) {
	source := folder(t, s3test.Object{Name: "file", Content: "x"})
	for retries, fails := range map[string]bool{"0": true, "1": false} {
		s := newStore(t, s3test.MinIO)
		s.behind(t).Misbehave(s3test.Fault{About: s3test.Upload, Times: 1, Answer: s3test.Refuse(503, "SlowDown", "Please reduce your request rate.")})
		if r := s3sync(t, s, "--retry", retries, source, s.name()); fails {
			r.fails(t, "file")
		} else {
			r.succeeds(t)
		}
	}
}

// TestBandwidth limits it to what takes at least so long; how much longer depends on the
// machine.
func TestBandwidth(t *testing.T) {
	s := newStore(t, s3test.MinIO)
	source, back := folder(t, s3test.Many(8, 64<<10)...), folder(t)
	for _, args := range [][]string{{source, s.name()}, {s.name(), back}} {
		r := s3sync(t, s, append([]string{"--bandwidth", "512KiB"}, args...)...).succeeds(t)
		if r.Time < 900*time.Millisecond {
			t.Errorf("%s: half a MiB took %v at half a MiB a second", r.Command, r.Time)
		}
	}
}

// TestOutput has what is said read by another program, and nothing said.
func TestOutput(t *testing.T) {
	s := newStore(t, s3test.MinIO)
	source := folder(t, s3test.Object{Name: "line\nbreak", Content: "x"}, s3test.Object{Name: `quote"`, Content: "y"})
	r := s3sync(t, s, "--json", source, s.name()).succeeds(t)
	for line := range strings.Lines(r.Out) {
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Errorf("no JSON: %v: %s", err, line)
		}
	}
	if r := s3sync(t, s, "-q", "--overwrite", "--checksum", source, s.name()+"/quiet").succeeds(t); r.Out != "" {
		t.Errorf("-q says\n%s", r.Out)
	}
	s3sync(t, s, "-q", source+"/nothing", s.name()).fails(t, "nothing")
}

// TestCredentials finds the keys, and the store, where each can be.
func TestCredentials(t *testing.T) {
	profile := filepath.Join(t.TempDir(), "credentials")
	write(t, profile, "[default]\naws_access_key_id=wrong\naws_secret_access_key=wrong-wrong\n"+
		"[bootrc]\naws_access_key_id="+s3test.AccessKey+"\naws_secret_access_key="+s3test.SecretKey+"\n")
	keys := []string{"AWS_ACCESS_KEY_ID=" + s3test.AccessKey, "AWS_SECRET_ACCESS_KEY=" + s3test.SecretKey}
	fromProfile := []string{"AWS_SHARED_CREDENTIALS_FILE=" + profile, "AWS_PROFILE=bootrc"}
	onEach(t, func(t *testing.T, s *store) {
		for _, c := range []struct {
			name    string
			env     []string
			options []string
		}{
			{"environment", append(keys, "AWS_ENDPOINT_URL="+s.URL), nil},
			{"environment and endpoint", keys, []string{"--endpoint", s.URL}},
			{"profile", append(fromProfile, "AWS_ENDPOINT_URL_S3="+s.URL), nil},
		} {
			t.Run(c.name, func(t *testing.T) {
				source := folder(t, s3test.Object{Name: "file", Content: c.name})
				cmd := program(t, s, slices.Concat([]string{"s3sync"}, c.options, []string{source, "s3://" + s.Bucket + "/" + c.name})...)
				cmd.Env = append(cmd.Env, c.env...)
				finish(t, cmd).succeeds(t)
				if got := s.get(t, c.name+"/file"); got != c.name {
					t.Errorf("the file is %q", got)
				}
			})
		}
		t.Run("alias", func(t *testing.T) {
			set := program(t, s, "s3", "alias", "set", "kept", s.URL, s3test.AccessKey, s3test.SecretKey)
			finish(t, set).succeeds(t)
			source := folder(t, s3test.Object{Name: "file", Content: "alias"})
			cmd := program(t, s, "s3sync", source, "kept/"+s.Bucket+"/alias")
			cmd.Env = append(cmd.Env, "HOME="+set.Dir)
			finish(t, cmd).succeeds(t)
			if got := s.get(t, "alias/file"); got != "alias" {
				t.Errorf("the file is %q", got)
			}
		})
		t.Run("wrong", func(t *testing.T) {
			cmd := program(t, s, "s3sync", t.TempDir(), "wrong/"+s.Bucket)
			cmd.Env = append(cmd.Env, "MC_HOST_wrong="+strings.Replace(s.URL, "://", "://nobody:wrong-secret@", 1))
			if r := finish(t, cmd).fails(t, s.Bucket); strings.Contains(r.Out, "wrong-secret") {
				t.Errorf("it prints the key:\n%s", r.Out)
			}
		})
	})
}

// TestAttributesTooLong has more attributes than S3 keeps: the content is stored with what
// fits, a warning names the rest, and that is not stored again and again, nor taken away.
func TestAttributesTooLong(t *testing.T) {
	onEach(t, func(t *testing.T, s *store) {
		long := strings.Repeat("v", 3000)
		source := folder(t,
			s3test.Object{Name: "file", Content: "x", Attributes: map[string]string{"user.long": long, "user.short": "kept"}},
			s3test.Object{Name: "folder", Type: unix.S_IFDIR, Mode: 0o755, Attributes: map[string]string{"user.long": long}},
			s3test.Object{Name: strings.Repeat("long/", 150) + "first", Content: "linked"},
			s3test.Object{Name: "second", Same: strings.Repeat("long/", 150) + "first"})
		s3sync(t, s, "--preserve", source, s.name()).succeeds(t).says(t, "file", "user.long")
		p := s.behind(t)
		for _, args := range [][]string{{source, s.name()}, {s.name(), source}} {
			s3sync(t, s, append([]string{"--preserve", "--overwrite", "--remove"}, args...)...).succeeds(t)
		}
		for _, request := range p.Requests() {
			if isTransfer(request) {
				t.Errorf("nothing had changed, but there was %s", request)
			}
		}
		if got := readTree(t, source)["file"].Attributes["user.long"]; got != long {
			t.Errorf("the file itself has %q left of its attribute", got)
		}
		back := folder(t)
		s3sync(t, s, "--preserve", s.name(), back).succeeds(t)
		same(t, source, back, 0)
		if got := readTree(t, back)["file"].Attributes; got["user.short"] != "kept" || len(got) != 1 {
			t.Errorf("the attributes that came back are %q", got)
		}
	})
}

// TestWrongCalls are refused in a line.
func TestWrongCalls(t *testing.T) {
	s := newStore(t, s3test.MinIO)
	dir := folder(t)
	for _, c := range []struct {
		args string // D is a folder, B the store's bucket
		says string
	}{
		{"", "expected 2 operands, got 0"}, {"D", "expected 2 operands, got 1"}, {"D D B", "expected 2 operands, got 3"},
		{"D D", "one side has to be in a store"}, {"--no-such-option D B", "unknown option --no-such-option"},
		{"--retry -1 D B", "--retry: expected a whole number"}, {"--bandwidth fast D B", `--bandwidth: "fast" is not a size`},
		{"--bandwidth 0 D B", `size "0" is zero`}, {"--concurrency 0 D B", "--concurrency: expected at least 1"},
		{"--newer-than yesterday D B", `"yesterday" is no age`}, {"--encrypt-key tooshort D B", "--encrypt-key: a key has 32 bytes"},
		{"--sse rot13 D B", `--sse: "rot13"`}, {"D nobody/bucket", `no alias "nobody"`}, {"D store/Not_A_Bucket", "Not_A_Bucket"},
		{"D store", "no bucket is named"}, {"store/no-such-bucket D", "no such bucket"}, {"--watch B B", "one side has to be a folder"},
	} {
		var args []string
		for word := range strings.FieldsSeq(c.args) {
			switch word {
			case "D":
				word = dir
			case "B":
				word = s.name()
			}
			args = append(args, word)
		}
		if r := s3sync(t, s, args...).fails(t, c.says); strings.Contains(r.Out, "tooshort") {
			t.Errorf("s3sync %q prints a key:\n%s", args, r.Out)
		}
	}
	for call, says := range map[string]string{
		"": "expected alias, ls, mb, cat, stat, rm or cp", "mv": `got "mv"`, "cat": "expected 1 operand, got 0", "cp a": "expected 2 operands, got 1",
		"alias add": `expected ls, set or rm, got "add"`, "alias set x": "expected at least 2 operands, got 1",
		"alias set x http://h key": "expected ACCESS-KEY and SECRET-KEY, or neither", "alias set --path=up x http://h": "--path: expected on or off or auto",
		"alias set --dialect=latin x http://h": "--dialect: expected auto or b2", "alias rm": "expected 1 operand, got 0",
	} {
		finish(t, program(t, s, append([]string{"s3"}, strings.Fields(call)...)...)).fails(t, says)
	}
	if _, err := os.Stat("nobody"); err == nil {
		t.Error("a folder was made in place of an alias")
	}
}
