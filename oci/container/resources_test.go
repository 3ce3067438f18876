package container

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// A limit whose controller is missing names what the kernel needs; without a limit nothing is missed.
func TestMissingController(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cgroup.controllers")
	number, shares := int64(1), uint64(1)
	all := map[string]specs.LinuxResources{
		"":                            {},
		"memory CONFIG_MEMCG":         {Memory: &specs.LinuxMemory{Limit: &number}},
		"cpu CONFIG_CFS_BANDWIDTH":    {CPU: &specs.LinuxCPU{Quota: &number}},
		"cpu CONFIG_FAIR_GROUP_SCHED": {CPU: &specs.LinuxCPU{Shares: &shares}},
		"cpuset CONFIG_CPUSETS":       {CPU: &specs.LinuxCPU{Cpus: "0"}},
		"pids CONFIG_CGROUP_PIDS":     {Pids: &specs.LinuxPids{Limit: &number}},
		"io CONFIG_BLK_CGROUP":        {BlockIO: new(specs.LinuxBlockIO)},
	}
	for _, there := range []string{"none", "misc", "cpuset cpu io memory pids\n"} {
		if there != "none" {
			if err := os.WriteFile(file, []byte(there), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for want, resources := range all {
			err := checkControllers(&resources, file)
			if want == "" || there != "misc" {
				if err != nil {
					t.Errorf("%q, %s: %v", there, want, err)
				}
				continue
			}
			controller, symbol, _ := strings.Cut(want, " ")
			if err == nil || !strings.Contains(err.Error(), "cgroup controller "+controller+":") || !strings.Contains(err.Error(), symbol) {
				t.Errorf("%q, %s: %v", there, want, err)
			}
		}
	}
}
