// Package program finds the programs that tests need.
package program

import (
	"os/exec"
	"testing"
)

// Need returns where a program is. It ends a test for which it is missing.
func Need(t testing.TB, name string) (file string) {
	t.Helper()
	file, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%v: ./test.sh installs what tests need", err)
	}
	return file
}
