package console

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// masking returns a mask, and what went through it.
func masking(secrets ...string) (*mask, *bytes.Buffer) {
	var out bytes.Buffer
	m := &mask{write: out.Write}
	m.hide(secrets)
	return m, &out
}

// A secret is hidden wherever the borders between writes are.
func TestSecretCutAnywhere(t *testing.T) {
	const secret, text = "s3cr3t-s3cr3t", "key: s3cr3t-s3cr3t-s3cr3t!"
	for size := 1; size <= len(text); size++ {
		m, out := masking(secret)
		var lock sync.Mutex
		lock.Lock()
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			m.Write([]byte(rest[:n]), &lock)
			rest = rest[n:]
		}
		m.flush()
		lock.Unlock()
		if want := "key: [MASKED]-s3cr3t!"; out.String() != want {
			t.Errorf("in writes of %d bytes: %q, want %q", size, out, want)
		}
	}
}

func TestSecretInEveryForm(t *testing.T) {
	const secret = `it's "a" key/with%+&` + "\nnewline"
	for _, text := range []string{
		"plain " + secret,
		"traced 'it'\\''s \"a\" key/with%+&\nnewline'",
		`traced in quotes "'it'\\''s \"a\" key/with%+&` + "\nnewline'\"",
		`in a list 'it'"'"'s "a" key/with%+&` + "\nnewline'",
		"a list in a trace 'set -- '\\''it'\\''\"'\\''\"'\\''s \"a\" key/with%+&\nnewline'\\'''",
		`as a trace has it $'it\'s "a" key/with%+&\nnewline'`,
		fmt.Sprintf("in an error: %q", secret),
		"https://host/?key=" + url.QueryEscape(secret),
		(&url.URL{Scheme: "https", Host: "h", User: url.UserPassword("user", "x"), Path: "/" + secret}).String(),
	} {
		m, _ := masking(secret)
		got := m.whole(text)
		if !strings.Contains(got, masked) || strings.Contains(got, "newline") {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
}

func TestOneSecretWithinAnother(t *testing.T) {
	m, _ := masking("hunter", "hunter2-hunter")
	if got := m.whole("hunter2-hunter hunter"); got != masked+" "+masked {
		t.Errorf("got %q", got)
	}
}

// To hide what is this short would hide the log.
func TestShortSecretsStay(t *testing.T) {
	m, _ := masking("", "a", "abc")
	if got := m.whole("abc"); got != "abc" {
		t.Errorf("got %q", got)
	}
}

// A prompt that ends as a secret begins must not wait for the next write.
func TestPromptIsShown(t *testing.T) {
	var lock sync.Mutex
	m, out := masking("$ecret")
	lock.Lock()
	m.Write([]byte("sh$"), &lock)
	lock.Unlock()
	deadline := time.Now().Add(10 * time.Minute)
	for {
		lock.Lock()
		got := out.String()
		lock.Unlock()
		if got == "sh$" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %q", got)
		}
		time.Sleep(time.Millisecond)
	}
}
