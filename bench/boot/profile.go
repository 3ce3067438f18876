package main

import (
	"context"
	"fmt"
)

// profile boots each side that is bootrc, and shows of the boot that others
// disturbed least what its console said from /init on, with the time since then and since
// the line before.
func (b *bench) profile(ctx context.Context, sides []side, runs int) error {
	for _, s := range sides {
		if s.Initramfs == b.peer {
			continue
		}
		boots := &series{side: s}
		for range runs {
			hw, err := b.machine(s, memory)
			if err != nil {
				return err
			}
			if err := boots.boot(ctx, hw, b.busy); err != nil {
				return err
			}
		}
		boots.keep(1)
		if len(boots.Boots) == 0 {
			return fmt.Errorf("%s: no boot succeeded", s.Name)
		}
		best := boots.Boots[0]
		fmt.Printf("%s: %.2f s from /init to the first instruction\n\n", s.Name, toFirst(best))
		best.printFromInit()
		fmt.Println()
	}
	return nil
}

// printFromInit prints the console from the kernel's line about /init on: seconds since
// that line, milliseconds since the line before, the line.
func (b *boot) printFromInit() {
	var start, before *line
	for i := range b.Console {
		l := &b.Console[i]
		if initLine.MatchString(l.Text) {
			start, before = l, l
		}
		if start == nil {
			continue
		}
		fmt.Printf("%7.3f s %+6d ms  %s\n", (l.At - start.At).Seconds(), (l.At - before.At).Milliseconds(), l.Text)
		before = l
	}
}
