package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

func TestWrite(t *testing.T) {
	var out bytes.Buffer
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	written := map[string]bool{}
	for block, rest := pem.Decode(out.Bytes()); block != nil; block, rest = pem.Decode(rest) {
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			t.Errorf("%s of %d bytes: %v", block.Type, len(block.Bytes), err)
		}
		written[string(block.Bytes)] = true
	}
	if len(written) < 50 {
		t.Errorf("%d roots; Mozilla's list has more", len(written))
	}
	for root := range bundle.Roots() {
		if unconditional := root.Constraint == nil; written[string(root.Certificate)] != unconditional {
			t.Errorf("root trusted without condition: %v, written: %v", unconditional, !unconditional)
		}
	}
}
