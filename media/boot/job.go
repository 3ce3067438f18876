package main

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"bootrc/init/cmdline"
	"bootrc/kit/quote"
	"bootrc/test/machine"
	"bootrc/test/registry"
)

// job is what the machine is given to do.
type job struct {
	disks     []machine.Disk
	qemu      []string
	drivers   []string
	arguments []string // of the kernel's line
	tree      string   // what goes onto the initramfs
	share     *share   // nil without a work folder
}

// The hooks of a machine with an image: the first has the image and the work folder ready, the second brings the
// folder back.
var (
	//go:embed 55-job.sh
	hookBefore []byte
	//go:embed 91-job.sh
	hookAfter []byte
)

// job makes ready what the machine needs for its image and its work folder.
func (o options) job(work string, k kernel) (j *job, err error) {
	j = &job{arguments: o.arguments, tree: filepath.Join(work, "tree"), drivers: []string{"overlay"}}
	if o.network {
		j.drivers = append(j.drivers, "virtio_net")
	}
	if o.image == "" {
		return j, j.demo(o)
	}
	j.drivers = append(j.drivers, "virtio_pci", "virtio_blk")
	file, named, err := imageFile(work, o.image, o.arch)
	if err != nil {
		return nil, err
	}
	j.disks = []machine.Disk{{Name: "bootrc-image", File: file, ReadOnly: true}}
	run := []string{"oci-archive:/run/bootrc/image"}
	if named != "" {
		run[0] += ":" + named
	}
	run = append(run, o.command...)
	kinds := ""
	if o.workdir != "" {
		if j.share, err = o.newShare(work, k); err != nil {
			return nil, err
		}
		j.disks, j.qemu = append(j.disks, j.share.disks...), j.share.qemu
		j.drivers = append(j.drivers, j.share.drivers()...)
		run = append([]string{"-v", "/run/bootrc/work:/work", "-w", "/work"}, run...)
		kinds = strings.Join(j.share.kinds, " ")
	}
	if isTerminal(os.Stdin) && isTerminal(os.Stdout) {
		run = append([]string{"-ti"}, run...)
	}
	return j, j.write(o.network, kinds, run)
}

// demo has the machine run the demo image, unless the arguments say what to run.
func (j *job) demo(o options) error {
	if saysWhatToRun(o.arguments) {
		return nil
	}
	demo, err := registry.ServeDemo(registry.Loopback, o.arch)
	j.arguments = append([]string{`b2c.run="--tls-verify=false docker://` + demo + `"`}, j.arguments...)
	return err
}

// write writes the hooks, and the arguments in a file, which may be longer than the kernel's line. What stands on that counts more.
func (j *job) write(network bool, kinds string, run []string) error {
	line := "b2c.log=plain\n"
	if !network {
		line += "ip=off\n"
	}
	line += cmdline.Quote("b2c.run="+quote.Words(run)) + "\n"
	for name, content := range map[string][]byte{
		"etc/bootrc/cmdline.d/50-job": []byte(line),
		"hooks/55-job.sh":             []byte(strings.Replace(string(hookBefore), "ways=", "ways="+quote.Word(kinds), 1)),
		"hooks/91-job.sh":             hookAfter,
	} {
		file := filepath.Join(j.tree, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// end ends what serves the machine.
func (j *job) end() {
	if j.share != nil {
		j.share.end()
	}
}

// takeBack takes the work folder back, where the machine had a copy.
func (j *job) takeBack() error {
	if j.share == nil || j.share.copied == nil {
		return nil
	}
	return j.share.copied.takeBack()
}

// stack returns the initramfs with the job's files on it, and the modules that the machine needs and that are not in it.
func (o options) stack(work string, k kernel, j *job) (file string, err error) {
	trees := []machine.Tree{{From: j.tree}}
	if names := k.drivers(j.drivers); len(names) > 0 && !o.has(k) {
		drivers := filepath.Join(work, "drivers")
		if err := machine.Pack(".", machine.Kernel{Image: k.image, Modules: k.modules}, names, drivers); err != nil {
			return "", err
		}
		trees = append([]machine.Tree{{From: drivers}}, trees...)
	}
	f, err := os.Create(filepath.Join(work, "initramfs"))
	if err != nil {
		return "", err
	}
	defer f.Close()
	return f.Name(), machine.Stack(f, o.initramfs, trees...)
}

// has tells whether the kernel's modules are in the initramfs.
func (o options) has(k kernel) bool {
	_, err := os.Stat(filepath.Join(o.packed, filepath.Base(k.modules)))
	return o.packed != "" && err == nil
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && fmt.Sprint(f.Name()) != os.DevNull
}
