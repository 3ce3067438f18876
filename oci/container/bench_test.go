package container

import (
	"testing"
)

// BenchmarkRun is a container from nothing to nothing, whose program ends at once.
func BenchmarkRun(b *testing.B) {
	for _, words := range []string{"--rm", "--security-opt=seccomp=unconfined", "--privileged"} {
		b.Run(words, func(b *testing.B) {
			r, image := newTestRuntime(b), testImage(b)
			for b.Loop() {
				if _, status, err := runWords(b, r, image, words, "true"); err != nil || status != 0 {
					b.Fatal(status, err)
				}
			}
		})
	}
}
