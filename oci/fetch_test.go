package oci

import (
	"slices"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func TestLargestFirst(t *testing.T) {
	list := []v1.Descriptor{{Size: 3}, {Size: 7}, {Size: 3}, {Size: 9}, {}}
	if got, want := largestFirst(list), []int{3, 1, 0, 2, 4}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
