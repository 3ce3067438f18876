// Cacerts prints Mozilla's root certificates as PEM, for the initramfs's
// /etc/ssl/certs/ca-certificates.crt. It runs when the initramfs is built, so
// that the program in there neither carries nor parses them.
package main

import (
	"bufio"
	"encoding/pem"
	"fmt"
	"io"
	"os"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

func main() {
	if err := write(os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "cacerts: %v\n", err)
		os.Exit(1)
	}
}

// write leaves out the roots that Mozilla trusts under a condition only: a PEM
// file cannot hold conditions, and without them it would trust too much.
func write(w io.Writer) error {
	b := bufio.NewWriter(w)
	for root := range bundle.Roots() {
		if root.Constraint != nil {
			continue
		}
		if err := pem.Encode(b, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
			return err
		}
	}
	return b.Flush()
}
