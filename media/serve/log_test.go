package main

import (
	"bytes"
	"strings"
	"testing"
)

// A client that repeats itself does not fill the log, and hides nobody else.
func TestJournal(t *testing.T) {
	var out bytes.Buffer
	j := &journal{to: &out}
	for range 10_000 {
		j.line("a boots x")
	}
	j.line("b boots x")
	if lines := strings.Count(out.String(), "\n"); lines == 10_001 || strings.Count(out.String(), " a boots x\n") != lines-1 || !strings.HasSuffix(out.String(), " b boots x\n") {
		t.Errorf("%d lines:\n%.1000s", lines, out.String())
	}
}
