package kmod

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bootrc/kmod/internal/fakemodule"
	"bootrc/test/program"
)

// fakeModules have an alias, a dependency and an option of each kind.
var fakeModules = map[string]fakemodule.Module{
	"net/virtio-net.ko": {Info: []string{"alias=virtio:d00000001v*", "softdep=pre: fast-sum post: late"}, Imports: []string{"fail_over"}},
	"net/failover.ko":   {Exports: []string{"fail_over"}, Imports: []string{"fail_core"}},
	"net/core.ko":       {Exports: []string{"fail_core"}},
	"lib/fast-sum.ko":   {Info: []string{"alias=crypto-sum", "alias=cpu:type:x86,ven*fam*mod*:feature:*0099*"}},
	"lib/slow_sum.ko":   {Info: []string{"alias=crypto-sum"}},
	"late.ko":           {Info: []string{"alias=net-pf-16-proto-[0-9]", "alias=x-[a-c]-y"}},
	"pci/ahci.ko":       {Info: []string{"alias=pci:v*d*sv*sd*bc01sc06i01*", "alias=pci:v00008086d00002922sv*sd*bc*sc*i*"}},
	"pci/piix.ko":       {Info: []string{"alias=pci:v00008086d00007010sv*sd*bc*sc*i*", "alias=pci:v00008086d00007?11sv*"}},
	"usb/hid.ko":        {Info: []string{"alias=hid:b*g0001v*p*", "alias=usb:v*p*d*dc*dsc*dp*ic03isc*ip*in*"}},
	"dt/mmio.ko":        {Info: []string{"alias=of:N*T*Cvirtio,mmio", "alias=of:N*T*Cvirtio,mmioC*", "alias=acpi*:LNRO0005:*"}},
	"dt/thinkpad.ko":    {Info: []string{"alias=dmi:*:svnLENOVO:*:pvrThinkPad*:*"}},
}

const fakeConfig = `# a comment
alias eth* virtio_net
alias pci:v00008086d00009999* late
options virtio-net napi_tx=0 text="a b"
options core deep=1
blacklist slow-sum
softdep late pre: core
`

// indexed returns a folder with fake modules and the index that depmod(8) makes.
func indexed(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, "lib/modules/1.0")
	for file, module := range fakeModules {
		write(t, filepath.Join(dir, "kernel", file), string(module.Image()))
	}
	write(t, filepath.Join(dir, "modules.builtin"), "kernel/drivers/block/loop.ko\n")
	write(t, filepath.Join(dir, "modules.builtin.modinfo"), "loop.alias=block-major-7-*\x00loop.file=drivers/block/loop\x00")
	write(t, filepath.Join(dir, "modules.order"), "kernel/lib/slow_sum.ko\nkernel/lib/fast-sum.ko\n")
	write(t, filepath.Join(root, "etc/modprobe.d/test.conf"), fakeConfig)
	if out, err := exec.Command(program.Need(t, "depmod"), "-b", root, "1.0").CombinedOutput(); err != nil {
		t.Fatalf("depmod: %v\n%s", err, out)
	}
	return root
}

// questions are names and aliases that modprobe(8) and this package must agree on.
var questions = []string{
	"virtio-net", "virtio_net", "virtio:d00000001v00001AF4", "virtio:d00000002v00001AF4", "virtio:d00000001v",
	"crypto-sum", "crypto_sum", "cpu:type:x86,ven0000fam0006mod000F:feature:,0001,0099,00A0", "cpu:type:x86,ven0000fam0006mod000F:feature:,0001",
	"net-pf-16-proto-7", "net_pf_16_proto_7", "net-pf-16-proto-x", "x-b-y", "x_b_y", "x---y",
	"pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01", "pci:v00001B4Bd00009230sv00000000sd00000000bc01sc06i01",
	"pci:v00008086d00007010sv00001AF4sd00001100bc01sc01i80", "pci:v00008086d00007x11sv", "pci:v00008086d00009999sv", "pci:",
	"hid:b0003g0001v00000627p00000001", "usb:v0627p0001d0000dc00dsc00dp00ic03isc01ip01in00",
	"of:Nvirtio_mmioT(null)Cvirtio,mmio", "of:NaTbCvirtio,mmioCother", "of:NaTbCvirtio,mmi", "acpi:LNRO0005:", "acpi:XXXX:LNRO0005:",
	"dmi:bvnX:svnLENOVO:pn20:pvrThinkPad-T14s:rvn", "eth0", "eth", "late", "core", "failover",
	"block-major-7-1", "loop", "nonesuch", "*", "[", "a b",
}

func TestLookupAsModprobe(t *testing.T) {
	root := indexed(t)
	tree := newTree(filepath.Join(root, "lib/modules/1.0"))
	tree.root = root
	config, err := tree.config()
	if err != nil {
		t.Fatal(err)
	}
	for _, question := range questions {
		out, _ := exec.Command(program.Need(t, "modprobe"), "-q", "-d", root, "-S", "1.0", "-C", filepath.Join(root, "etc/modprobe.d"), "-R", "--", question).Output()
		want := firstOnly(strings.Fields(string(out)))
		want = slices.DeleteFunc(want, func(name string) bool {
			return name == "loop" || name == "slow_sum" // built in; blacklisted, which -R tells and loading leaves out
		})
		got, err := tree.lookup(config, question)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, error %v; modprobe says %q", question, got, err, want)
		}
	}
}

func TestPlanAsModprobe(t *testing.T) {
	root := indexed(t)
	tree := newTree(filepath.Join(root, "lib/modules/1.0"))
	tree.root = root
	for _, question := range questions {
		cmd := exec.Command(program.Need(t, "modprobe"), "-n", "-v", "-d", root, "-S", "1.0", "-C", filepath.Join(root, "etc/modprobe.d"), "--", question, "p=1")
		cmd.Env = append(os.Environ(), "MODPROBE_OPTIONS=")
		out, wantErr := cmd.Output()
		want := steps(string(out))
		planned, err := tree.dryLoad(t.Context(), question, []string{"p=1"})
		var lines strings.Builder
		for _, s := range planned {
			lines.WriteString(s.String() + "\n")
		}
		if got := steps(lines.String()); !slices.Equal(got, want) {
			t.Errorf("%s: %q\nmodprobe says %q", question, got, want)
		}
		if (err != nil) != (wantErr != nil) {
			t.Errorf("%s: error %v; modprobe: %v", question, err, wantErr)
		}
	}
}

// steps splits insmod lines, without the blanks and the lines "builtin NAME" that
// only modprobe writes.
func steps(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "builtin ") && line != "" {
			lines = append(lines, strings.Join(strings.Fields(line), " "))
		}
	}
	return firstOnly(lines)
}

// firstOnly leaves out what came before: modprobe repeats itself where it would
// then find the module loaded.
func firstOnly(words []string) []string {
	var once []string
	for _, word := range words {
		if !slices.Contains(once, word) {
			once = append(once, word)
		}
	}
	return once
}
