package manifest

import (
	"fmt"
	"strings"
	"testing"

	"bootrc/test/bound"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// What is small on its way may be large in memory.
func TestManyObjects(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat("{},", MaxSize/4), ",")
	for name, parse := range map[string]func() error{
		"layers": func() error {
			_, err := Parse([]byte(`{"layers":[`+many+`]}`), "", v1.Hash{})
			return err
		},
		"manifests": func() error {
			_, err := Parse([]byte(`{"manifests":[`+many+`]}`), "", v1.Hash{})
			return err
		},
		"history": func() error {
			_, err := ParseConfig([]byte(`{"history":[` + many + `]}`))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			bound.Input(t, 0)
			const want = "it has 1048577 objects, more than the 20000 allowed"
			if err := parse(); !strings.Contains(fmt.Sprint(err), want) {
				t.Errorf("got %.200v, want %s", err, want)
			}
		})
	}
}
