package main

import (
	"context"
	"fmt"
	"os"
	"strings"
)

// driverSets looks at the sets of drivers that a file lists, each on its own kernel.
func (b *bench) driverSets(ctx context.Context, file string, look func(context.Context, []side) error) error {
	list, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var sides []side
	for line := range strings.Lines(string(list)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if len(fields) != 3 {
			return fmt.Errorf("%s: %q is not NAME, KERNEL and INITRAMFS", file, line)
		}
		sides = append(sides, side{Name: fields[0], Kernel: fields[1], Initramfs: fields[2], Args: b.run()})
	}
	return look(ctx, sides)
}
