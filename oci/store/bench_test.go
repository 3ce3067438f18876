package store

import (
	"fmt"
	"testing"
)

// BenchmarkBookkeeping is what a boot asks of a store of 200 images, beside
// pulling and running: each step's time goes to the boot.
func BenchmarkBookkeeping(b *testing.B) {
	s := manyImages(b, 200)
	image, err := s.Image("image0")
	if err != nil {
		b.Fatal(err)
	}
	enough, err := ParseSpace("0")
	if err != nil {
		b.Fatal(err)
	}
	run := func(name string, step func() error) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := step(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("open", func() error { _, err := Open(s.Root()); return err })
	run("enough is free", func() error { return s.Prune(b.Context(), enough, nil) })
	run("find by name", func() error { _, err := s.Image("image100"); return err })
	run("find by ID", func() error { _, err := s.Image(image.ID.Hex[:12]); return err })
	run("hold", func() error {
		release, err := s.Hold(b.Context(), image)
		if err == nil {
			release()
		}
		return err
	})
	run("known", func() error {
		a := s.Add()
		_, err := a.Known(b.Context(), image.Digest, "image0")
		return err
	})
	n := 0
	run("remove the oldest, and add one", func() error {
		if _, err := s.MakeSpace(b.Context(), Space{}, func(Removed) {}); err != nil {
			return err
		}
		n++
		add(b, s, fmt.Sprint("new", n), fmt.Sprint("new", n), "layer0")
		return nil
	})
}

// manyImages is a store of so many images of eight layers each; they share most.
func manyImages(t testing.TB, count int) *Store {
	s := open(t, t.TempDir())
	for i := range count {
		var layers []string
		for l := range 8 {
			layers = append(layers, fmt.Sprint("layer", (i+1)*l%150))
		}
		add(t, s, fmt.Sprint("image", i), fmt.Sprint(i), layers...)
	}
	return s
}
