// Kernel prints, for each series, the image of Debian's newest kernel and the folder of its
// modules, and fetches those that are not in the user's cache.
//
//	usage: go run ./test/machine/kernel [-arch ARCH] SERIES…
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"

	"bootrc/test/machine"
)

func main() {
	arch := flag.String("arch", runtime.GOARCH, "the kernels' `ARCH`, as Go names it")
	flag.Parse()
	for _, series := range flag.Args() {
		kernel, err := machine.DebianKernel(*arch, series)
		if err != nil {
			fmt.Fprintf(os.Stderr, "kernel: %v\n", err)
			os.Exit(1)
		}
		fmt.Println(kernel.Image, kernel.Modules)
	}
}
