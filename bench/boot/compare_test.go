package main

import "testing"

func boots(others ...float64) []*boot {
	var all []*boot
	for _, share := range others {
		all = append(all, &boot{Used: load{Others: share}})
	}
	return all
}

// Of more boots than are wanted, the least disturbed are kept.
func TestKeepLeastDisturbed(t *testing.T) {
	s := &series{Boots: boots(0.6, 0.01, 0.3, 0)}
	if n := s.quietBoots(); n != 2 {
		t.Errorf("%d quiet boots, want 2", n)
	}
	s.keep(3)
	got := s.of(func(b *boot) float64 { return b.Used.Others })
	if len(got) != 3 || got[0] != 0 || got[1] != 0.01 || got[2] != 0.3 {
		t.Errorf("kept those of %v, want [0 0.01 0.3]", got)
	}
	s.keep(5)
	if len(s.Boots) != 3 {
		t.Errorf("%d boots after keeping up to 5, want all 3", len(s.Boots))
	}
}

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		sorted []float64
		want   float64
	}{
		{[]float64{2}, 2},
		{[]float64{1, 3}, 2},
		{[]float64{1, 2, 9}, 2},
		{[]float64{1, 2, 4, 9}, 3},
	} {
		if got := median(test.sorted); got != test.want {
			t.Errorf("median of %v is %v, want %v", test.sorted, got, test.want)
		}
	}
}
