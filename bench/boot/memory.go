package main

import (
	"context"
	"errors"
	"fmt"
)

// Memory sizes tried, in MiB.
const (
	memoryFrom = 64
	memoryTo   = 512
	memoryStep = 8
)

// leastMemory prints the least memory in which each side boots and runs its container.
func (b *bench) leastMemory(ctx context.Context) error {
	for _, s := range b.sides() {
		if s.Disk != noDisk {
			continue
		}
		mib, err := b.least(ctx, s)
		if err != nil {
			return err
		}
		fmt.Printf("%-30s %4d MiB\n", s.Name, mib)
	}
	return nil
}

// least searches upwards, so that it ends at the first size that is enough. The
// emulator fails now and then, so each size has two tries.
func (b *bench) least(ctx context.Context, s side) (int, error) {
	for mib := memoryFrom; mib <= memoryTo; mib += memoryStep {
		for range 2 {
			hw, err := b.machine(s, mib)
			if err != nil {
				return 0, err
			}
			_, err = start(ctx, hw)
			if err == nil {
				return mib, nil
			}
			if !errors.Is(err, errStopped) {
				return 0, err
			}
		}
	}
	return 0, fmt.Errorf("%s does not boot in %d MiB", s.Name, memoryTo)
}
