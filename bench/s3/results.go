package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
	"time"
)

// A sample is what one task took of one program.
type sample struct {
	Time   time.Duration
	CPU    time.Duration
	Memory int64 // the most at a time, in KiB
}

// results are the samples by task and program.
type results struct {
	names   []string
	samples map[[2]string][]sample
}

func newResults(programs []program) *results {
	r := &results{samples: make(map[[2]string][]sample)}
	for _, p := range programs {
		r.names = append(r.names, p.Name)
	}
	return r
}

func (r *results) add(task, name string, s sample) {
	fmt.Fprintf(os.Stderr, "%-24s %-7s %6.2f s, %6.2f s of CPU, %4d MiB\n", task, name, s.Time.Seconds(), s.CPU.Seconds(), s.Memory>>10)
	key := [2]string{task, name}
	r.samples[key] = append(r.samples[key], s)
}

// of is a quantity of all samples of a program in a task, sorted.
func (r *results) of(task, name string, quantity func(sample) float64) (values []float64) {
	for _, s := range r.samples[[2]string{task, name}] {
		values = append(values, quantity(s))
	}
	slices.Sort(values)
	return values
}

func median(sorted []float64) float64 {
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// print prints the tables that bench/README.md explains.
func (r *results) print(w io.Writer) {
	r.table(w, "Seconds, median (least – most)", "%.2f (%.2f – %.2f)", func(s sample) float64 { return s.Time.Seconds() })
	r.table(w, "Seconds of CPU, median (least – most)", "%.2f (%.2f – %.2f)", func(s sample) float64 { return s.CPU.Seconds() })
	r.table(w, "Peak memory in MiB, median (least – most)", "%.0f (%.0f – %.0f)", func(s sample) float64 { return float64(s.Memory) / 1024 })
}

// table prints a quantity of each task by program, and the last program's as a part of
// the best peer's.
func (r *results) table(w io.Writer, title, format string, quantity func(sample) float64) {
	fmt.Fprintf(w, "\n%s:\n\n", title)
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "\t")
	for _, name := range r.names {
		fmt.Fprintf(t, "%s\t", name)
	}
	fmt.Fprintln(t, "of the best peer's\t")
	for _, task := range tasks {
		fmt.Fprintf(t, "%s\t", task)
		best, last := 0.0, 0.0
		for i, name := range r.names {
			values := r.of(task, name, quantity)
			if len(values) == 0 {
				fmt.Fprint(t, "\t")
				continue
			}
			last = median(values)
			if i < len(r.names)-1 && (best == 0 || last < best) {
				best = last
			}
			fmt.Fprintf(t, format+"\t", last, values[0], values[len(values)-1])
		}
		fmt.Fprintf(t, "%.2f\t\n", last/best)
	}
	t.Flush()
}
