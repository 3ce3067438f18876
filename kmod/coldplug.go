package kmod

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// Coldplug loads the drivers of all devices that the kernel has found: those of
// every modalias under /sys, and again, because a bus's driver finds devices,
// until there is nothing new. Different devices' drivers load at the same time,
// each alias is looked up once, and an alias without a module is nothing to
// speak of.
//
// It returns the names of the modules that it loaded, sorted, and the errors of
// all that failed, joined. A driver that says that its device isn't there
// (ENODEV), as some do that are loaded for a processor's model, has not failed.
func (t *Tree) Coldplug(ctx context.Context) ([]string, error) {
	config, err := t.config()
	if err != nil {
		return nil, err
	}
	p := &plugger{tree: t, config: config, aliases: make(map[string]bool), modules: make(map[string]bool)}
	devices := newDevices(t.root)
	for ctx.Err() == nil {
		aliases := devices.next()
		if len(aliases) == 0 {
			break
		}
		p.plug(ctx, aliases)
	}
	if err := ctx.Err(); err != nil {
		p.errors = append(p.errors, fmt.Errorf("load drivers: %w", err))
	}
	slices.Sort(p.ran)
	return p.ran, errors.Join(p.errors...)
}

// plugger loads drivers by alias, and tries none twice.
type plugger struct {
	tree   *Tree
	config *config

	aliases map[string]bool // looked up already

	mu      sync.Mutex
	modules map[string]bool // tried already
	ran     []string
	errors  []error
}

// plug loads the drivers for aliases and returns when all are loaded. The drivers
// of one alias load one after another: the first is the preferred one.
func (p *plugger) plug(ctx context.Context, aliases []string) {
	var wait sync.WaitGroup
	for _, alias := range aliases {
		if p.aliases[alias] {
			continue
		}
		p.aliases[alias] = true
		modules, err := p.tree.lookup(p.config, alias)
		if err != nil {
			if !errors.Is(err, ErrNotFound) {
				p.fail(err)
			}
			continue
		}
		if modules = p.untried(modules); len(modules) > 0 {
			wait.Go(func() { p.load(ctx, alias, modules) })
		}
	}
	wait.Wait()
}

func (p *plugger) untried(modules []string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var untried []string
	for _, module := range modules {
		if !p.modules[module] {
			p.modules[module] = true
			untried = append(untried, module)
		}
	}
	return untried
}

func (p *plugger) load(ctx context.Context, alias string, modules []string) {
	for _, module := range modules {
		steps, err := p.tree.loadModule(ctx, p.config, module, alias, "")
		p.done(steps)
		if err != nil && !errors.Is(err, unix.ENODEV) && ctx.Err() == nil {
			p.fail(fmt.Errorf("driver for %s: %w", alias, err))
		}
	}
}

func (p *plugger) done(steps []*step) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range steps {
		p.ran = append(p.ran, s.module)
	}
}

func (p *plugger) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.errors = append(p.errors, err)
}

// devices finds the modaliases of devices, each device's once.
type devices struct {
	root string
	seen map[string]bool // folders of devices
}

func newDevices(root string) *devices {
	return &devices{root: root, seen: make(map[string]bool)}
}

// classes are those whose devices have a modalias of their own. The root of a
// bus may have one too, as /sys/devices/system/cpu does. Together with the
// devices of all buses this is what a walk through /sys/devices finds, in a
// fifth of the time; the other classes' devices (terminals, disks, timers) take
// as long to read as all buses.
var classes = [...]string{"dmi", "input"}

// next returns the modaliases of devices that weren't there before.
func (d *devices) next() []string {
	aliases := d.scan(nil, d.root+"/sys/devices/system")
	for _, class := range classes {
		aliases = d.scan(aliases, d.root+"/sys/class/"+class)
	}
	buses, _ := readNames(d.root + "/sys/bus")
	for _, bus := range buses {
		aliases = d.scan(aliases, d.root+"/sys/bus/"+bus+"/devices")
	}
	return aliases
}

// scan adds the modaliases of the devices in a folder. A folder that doesn't
// exist has no devices.
func (d *devices) scan(aliases []string, dir string) []string {
	names, _ := readNames(dir)
	for _, name := range names {
		device := dir + "/" + name
		if d.seen[device] {
			continue
		}
		d.seen[device] = true
		if alias := strings.TrimSpace(readSmall(device + "/modalias")); alias != "" {
			aliases = append(aliases, alias)
		}
	}
	return aliases
}
