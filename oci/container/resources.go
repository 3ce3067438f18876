package container

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/spf13/pflag"
)

// cpuPeriod is the period of a quota of CPU time, in microseconds.
const cpuPeriod = 100_000

func addResourceFlags(f *pflag.FlagSet, r *specs.LinuxResources) {
	memory := func() *specs.LinuxMemory {
		if r.Memory == nil {
			r.Memory = new(specs.LinuxMemory)
		}
		return r.Memory
	}
	cpu := func() *specs.LinuxCPU {
		if r.CPU == nil {
			r.CPU = new(specs.LinuxCPU)
		}
		return r.CPU
	}
	f.FuncP("memory", "m", "SIZE", func(text string) (err error) {
		memory().Limit, err = sizePointer(text)
		return err
	})
	f.Func("memory-swap", "SIZE of memory and swap together, -1 for all", func(text string) (err error) {
		if text == "-1" {
			all := int64(-1)
			memory().Swap = &all
			return nil
		}
		memory().Swap, err = sizePointer(text)
		return err
	})
	f.Func("memory-reservation", "SIZE", func(text string) (err error) {
		memory().Reservation, err = sizePointer(text)
		return err
	})
	f.Func("cpus", "NUMBER, such as 0.5", func(text string) error {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || !(n >= 0.01 && n < 1e6) {
			return fmt.Errorf("%q is no number of CPUs", text)
		}
		period, quota := uint64(cpuPeriod), int64(n*cpuPeriod)
		cpu().Period, cpu().Quota = &period, &quota
		return nil
	})
	f.FuncP("cpu-shares", "c", "WEIGHT, usually 1024", func(text string) error {
		n, err := strconv.ParseUint(text, 10, 32)
		cpu().Shares = &n
		return err
	})
	f.Func("cpuset-cpus", "CPUs, such as 0-3,7", func(text string) error {
		cpu().Cpus = text
		return nil
	})
	f.Func("pids-limit", "NUMBER, -1 for no limit", func(text string) error {
		n, err := strconv.ParseInt(text, 10, 64)
		if n == 0 {
			n = -1
		}
		r.Pids = &specs.LinuxPids{Limit: &n}
		return err
	})
}

func sizePointer(text string) (*int64, error) {
	n, err := parseSize(text)
	if err != nil {
		return nil, err
	}
	return &n, nil
}

// writeResources also takes the kernel's parameters of a container's namespaces.
func writeResources(d *draft) error {
	d.Linux.Resources, d.Linux.Sysctl = &d.options.Resources, d.options.Sysctl
	return nil
}

// completeResources adds podman's default for what was left out, and refuses what
// contradicts itself.
func completeResources(r *specs.LinuxResources) error {
	m := r.Memory
	switch {
	case m == nil:
		return nil
	case m.Limit != nil && *m.Limit == 0:
		m.Limit = nil
	}
	switch {
	case m.Limit == nil && m.Swap != nil:
		return errors.New("--memory-swap needs --memory")
	case m.Limit != nil && m.Swap == nil:
		double := 2 * *m.Limit
		m.Swap = &double
	case m.Limit != nil && *m.Swap >= 0 && *m.Swap < *m.Limit:
		return errors.New("--memory-swap must not be less than --memory")
	}
	return nil
}
