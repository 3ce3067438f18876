package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"

	"bootrc/test/machine"
)

// quiet is the share of the processors' time that others may use during a boot whose
// time is to count; a boot is repeated up to patience times for it.
const (
	quiet    = 0.03
	patience = 3
)

// A series is the boots of one side.
type series struct {
	side
	Boots  []*boot
	Failed int
}

// compare boots each side so often, by turns, and prints their times.
func (b *bench) compare(ctx context.Context, sides []side, runs int) error {
	var all []*series
	for _, s := range sides {
		all = append(all, &series{side: s})
	}
	for range runs * patience {
		for _, s := range all {
			if s.quietBoots() >= runs || b.busy && len(s.Boots) >= runs {
				continue
			}
			hw, err := b.machine(s.side, memory)
			if err != nil {
				return err
			}
			if err := s.boot(ctx, hw, b.busy); err != nil {
				return err
			}
		}
	}
	for _, s := range all {
		s.keep(runs)
	}
	printTimes(all, runs)
	return nil
}

// boot adds a boot. A machine that stops too early is shown and counted: as a rule that
// is the emulator's fault, but not so if none of the first boots succeeds.
func (s *series) boot(ctx context.Context, hw machine.Hardware, busy bool) error {
	if !busy {
		awaitQuiet(ctx)
	}
	b, err := start(ctx, hw)
	if err == nil {
		s.Boots = append(s.Boots, b)
		fmt.Fprintf(os.Stderr, "%-30s %.2f s, others used %.0f %%\n", s.Name, toFirst(b), 100*b.Used.Others)
		return nil
	}
	if !errors.Is(err, errStopped) {
		return err
	}
	s.Failed++
	fmt.Fprintf(os.Stderr, "%s: %v; its console ended with\n%s", s.Name, err, b.tail(25))
	if len(s.Boots) == 0 && s.Failed == patience {
		return fmt.Errorf("%s: the first %d boots failed", s.Name, s.Failed)
	}
	return nil
}

func (s *series) quietBoots() int {
	n := 0
	for _, b := range s.Boots {
		if b.Used.Others <= quiet {
			n++
		}
	}
	return n
}

// keep leaves the boots that others disturbed least.
func (s *series) keep(runs int) {
	slices.SortStableFunc(s.Boots, func(a, b *boot) int { return cmp.Compare(a.Used.Others, b.Used.Others) })
	s.Boots = s.Boots[:min(runs, len(s.Boots))]
}

// of is a quantity of each of the boots, sorted.
func (s *series) of(quantity func(*boot) float64) []float64 {
	var values []float64
	for _, b := range s.Boots {
		values = append(values, quantity(b))
	}
	slices.Sort(values)
	return values
}

func median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// printTimes prints the tables that bench/README.md explains.
func printTimes(all []*series, runs int) {
	fmt.Printf("From /init to the container's first instruction, in seconds, %d boots each:\n\n", runs)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tmedian\tleast\tmost\tof the first's\tby console\tCPU\tfrom power-on\tothers\tfailed\t")
	first := median(all[0].of(toFirst))
	for _, s := range all {
		times := s.of(toFirst)
		others := s.of(func(b *boot) float64 { return 100 * b.Used.Others })
		fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.0f %%\t%d\t\n", s.Name,
			median(times), times[0], times[len(times)-1], median(times)/first,
			median(s.of(func(b *boot) float64 { return b.Used.Time.Seconds() })),
			median(s.of(func(b *boot) float64 { return b.Used.CPU.Seconds() })),
			median(s.of(func(b *boot) float64 { return b.First.Seconds() })),
			others[len(others)-1], s.Failed)
	}
	w.Flush()
	fmt.Printf("\nMemory that is available then, of %d MiB, and what is booted, in MiB:\n\n", memory)
	fmt.Fprintln(w, "\tavailable\tinitramfs\t")
	for _, s := range all {
		size := 0.0
		if info, err := os.Stat(s.Initramfs); err == nil {
			size = float64(info.Size()) / (1 << 20)
		}
		fmt.Fprintf(w, "%s\t%.0f\t%.1f\t\n", s.Name, median(s.of(func(b *boot) float64 { return float64(b.Available) / (1 << 20) })), size)
	}
	w.Flush()
}

func toFirst(b *boot) float64 { return b.ToFirst().Seconds() }
