package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/kconfig"
	"bootrc/kit/size"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// cpuPeriod is the usual period of a quota of CPU time, in microseconds.
const cpuPeriod = 100_000

var resources = slice{
	options: []command.Option{
		{Names: "-m, --memory", Value: "SIZE", Check: check(size.ParseMemory), Help: "let it have no more than SIZE of memory"},
		{Names: "--memory-swap", Value: "SIZE", Check: checkSwap, Help: "let it have no more than SIZE of memory and swap together; -1: all (default: twice --memory)"},
		{Names: "--memory-reservation", Value: "SIZE", Check: check(size.ParseMemory), Help: "keep it near SIZE when memory is short"},
		{Names: "--cpus", Value: "NUMBER", Check: checkCPUs, Help: "let it use so many processors, such as 0.5"},
		{Names: "--cpu-quota", Value: "MICROSECONDS", Check: checkTime(-1, 1<<40), Help: "let it use so much processor time in each period; -1: all"},
		{Names: "--cpu-period", Value: "MICROSECONDS", Check: checkTime(1000, 1_000_000), Help: "make the period so long (default: 100000)"},
		{Names: "-c, --cpu-shares", Value: "WEIGHT", Kind: command.Count, Help: "weigh it against others, which usually have 1024"},
		{Names: "--cpuset-cpus", Value: "CPUS", Help: "keep it on some processors, such as 0-3,7"},
		{Names: "--cpuset-mems", Value: "NODES", Help: "keep it on some nodes of memory, such as 0,1"},
		{Names: "--cgroups", Value: "enabled|no-conmon", Kind: command.Choice, Default: "enabled", Help: "have control groups, as all containers do"},
		{Names: "--cgroup-conf", Value: "FILE=VALUE", Kind: command.List, Check: checkPair, Help: "write VALUE into FILE of its control group, such as memory.high=1073741824"},
		{Names: "--cgroup-parent", Value: "PATH", Help: "make its control group in that of PATH, whose limits hold for all in it"},
		{Names: "--pids-limit", Value: "NUMBER", Check: checkNumber, Help: "let it have no more than NUMBER of processes; -1: any number"},
		{Names: "--sysctl", Value: "NAME=VALUE", Kind: command.List, Check: checkPair, Help: "set a parameter of the kernel in its namespaces"},
	},
	read:  readResources,
	write: writeResources,
}

func readResources(call *command.Call, v *Invocation) error {
	r := &v.Options.Resources
	memory, cpu := specs.LinuxMemory{}, specs.LinuxCPU{}
	for name, text := range call.Given("memory", "memory-swap", "memory-reservation", "cpus", "cpu-quota", "cpu-period", "cpu-shares", "cpuset-cpus", "cpuset-mems") {
		size, _ := sizePointer(text)
		switch name {
		case "memory":
			memory.Limit = size
		case "memory-swap":
			if memory.Swap = size; text == "-1" {
				all := int64(-1)
				memory.Swap = &all
			}
		case "memory-reservation":
			memory.Reservation = size
		case "cpus":
			n, _ := strconv.ParseFloat(text, 64)
			if n <= 0 { // all of them
				continue
			}
			period, quota := uint64(cpuPeriod), int64(n*cpuPeriod)
			cpu.Period, cpu.Quota = &period, &quota
		case "cpu-quota":
			n, _ := strconv.ParseInt(text, 10, 64)
			cpu.Quota = &n
		case "cpu-period":
			n, _ := strconv.ParseUint(text, 10, 64)
			cpu.Period = &n
		case "cpu-shares":
			n, _ := strconv.ParseUint(text, 10, 32)
			cpu.Shares = &n
		case "cpuset-cpus":
			cpu.Cpus = text
		case "cpuset-mems":
			cpu.Mems = text
		}
	}
	if call.Has("cpus") && (call.Has("cpu-quota") || call.Has("cpu-period")) {
		return command.Usagef("--cpus sets what --cpu-quota and --cpu-period set")
	}
	if memory != (specs.LinuxMemory{}) {
		r.Memory = &memory
	}
	if cpu != (specs.LinuxCPU{}) {
		r.CPU = &cpu
	}
	if call.Has("pids-limit") {
		n, _ := strconv.ParseInt(call.Text("pids-limit"), 10, 64)
		if n == 0 {
			n = -1
		}
		r.Pids = &specs.LinuxPids{Limit: &n}
	}
	r.Unified = pairs(call.List("cgroup-conf"))
	v.Options.CgroupParent = call.Text("cgroup-parent")
	v.Options.Sysctl = pairs(call.List("sysctl"))
	return completeResources(r)
}

func checkSwap(text string) error {
	if text == "-1" {
		return nil
	}
	_, err := size.ParseMemory(text)
	return err
}

func checkCPUs(text string) error {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0.01 && n < 1e6) && n != 0 && n != -1 {
		return fmt.Errorf("expected a number of processors from 0.01 on, got %q", text)
	}
	return nil
}

// checkTime takes a number of microseconds between bounds.
func checkTime(least, most int64) func(string) error {
	return func(text string) error {
		if n, err := strconv.ParseInt(text, 10, 64); err != nil || n < least || n > most {
			return fmt.Errorf("expected microseconds from %d to %d, got %q", least, most, text)
		}
		return nil
	}
}

func checkNumber(text string) error {
	if _, err := strconv.ParseInt(text, 10, 64); err != nil {
		return fmt.Errorf("expected a number, got %q", text)
	}
	return nil
}

func checkPair(text string) error {
	if name, _, ok := strings.Cut(text, "="); !ok || name == "" {
		return fmt.Errorf("expected NAME=VALUE, got %q", text)
	}
	return nil
}

// pairs makes a map of NAME=VALUE, or nil of none.
func pairs(list []string) map[string]string {
	if len(list) == 0 {
		return nil
	}
	all := make(map[string]string, len(list))
	for _, pair := range list {
		name, value, _ := strings.Cut(pair, "=")
		all[name] = value
	}
	return all
}

func sizePointer(text string) (*int64, error) {
	n, err := size.ParseMemory(text)
	if err != nil {
		return nil, err
	}
	return &n, nil
}

// writeResources also takes the kernel's parameters of a container's namespaces.
func writeResources(d *draft) error {
	d.Linux.Resources, d.Linux.Sysctl = &d.options.Resources, d.options.Sysctl
	if err := checkControllers(&d.options.Resources, "/sys/fs/cgroup/cgroup.controllers"); err != nil {
		return err
	}
	d.Linux.CgroupsPath = path.Join("/", d.options.CgroupParent, d.Linux.CgroupsPath)
	return nil
}

// checkControllers says which controller a limit needs, of those that are not in the file: the kernel has them all, or is told
// by cgroup_disable= not to.
func checkControllers(r *specs.LinuxResources, file string) error {
	there, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // as long as nothing is mounted, nobody knows
	}
	has := strings.Fields(string(there))
	for _, wanted := range []struct {
		by                 bool
		controller, symbol string
	}{
		{r.Memory != nil, "memory", "MEMCG"},
		{r.CPU != nil && r.CPU.Quota != nil, "cpu", "CFS_BANDWIDTH"},
		{r.CPU != nil && r.CPU.Shares != nil, "cpu", "FAIR_GROUP_SCHED"},
		{r.CPU != nil && r.CPU.Cpus != "", "cpuset", "CPUSETS"},
		{r.Pids != nil, "pids", "CGROUP_PIDS"},
		{r.BlockIO != nil, "io", "BLK_CGROUP"},
	} {
		if wanted.by && !slices.Contains(has, wanted.controller) {
			return fmt.Errorf("%w, or it was started with cgroup_disable=%s", kconfig.Lacks("cgroup controller "+wanted.controller, wanted.symbol), wanted.controller)
		}
	}
	return err
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
		return command.Usagef("--memory-swap needs --memory")
	case m.Limit != nil && m.Swap == nil:
		double := 2 * *m.Limit
		m.Swap = &double
	case m.Limit != nil && *m.Swap >= 0 && *m.Swap < *m.Limit:
		return command.Usagef("--memory-swap must not be less than --memory")
	}
	return nil
}
