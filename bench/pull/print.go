package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// print prints the medians by their time, and ours as a part of each.
func print(w io.Writer, title string, taken map[string][]sample) {
	fmt.Fprintf(w, "\n%s:\n\n", title)
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tseconds\tleast\tmost\tof CPU\tMiB\tours of it\t")
	ours := median(taken[ways[len(ways)-1].name])
	for _, way := range ways {
		all := taken[way.name]
		if len(all) == 0 {
			continue
		}
		m := median(all)
		fmt.Fprintf(t, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t%d\t%.2f\t\n", way.name, m.time.Seconds(),
			slices.MinFunc(all, byTime).time.Seconds(), slices.MaxFunc(all, byTime).time.Seconds(), m.cpu.Seconds(), m.memory>>10,
			ours.time.Seconds()/m.time.Seconds())
	}
	t.Flush()
}

func byTime(a, b sample) int { return cmp.Compare(a.time, b.time) }

// median is the sample in the middle by its time.
func median(all []sample) sample {
	if len(all) == 0 {
		return sample{}
	}
	return slices.SortedFunc(slices.Values(all), byTime)[len(all)/2]
}
