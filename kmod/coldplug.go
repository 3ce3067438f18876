package kmod

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"bootrc/kit/device"

	"golang.org/x/sys/unix"
)

// Plugger gives every device its driver: those that the machine has and, once it
// follows the kernel's events, those that appear, be it behind a bus whose driver has
// just come or on a cable.
//
// Different devices' drivers load at the same time, and each alias is looked up once.
// The network comes first, with the buses that it may be behind, since each boot waits for it;
// then disks and what else a phase may wait for, at the least priority. What none waits for (see
// later) loads after the others, one by one, and not before a quick boot has started its first
// container, unless somebody waits for it.
type Plugger struct {
	tree     *Tree
	complain func(error)
	listen   func(context.Context) (<-chan device.Event, error)

	mu      sync.Mutex
	change  *sync.Cond          // a driver's state has changed
	aliases map[string][]string // the modules of those that were looked up
	drivers map[string]State    // by module
	first   int                 // aliases of networks and buses whose drivers are on their way, and walks
	urgent  int                 // all aliases whose drivers a phase may wait for and that are on their way, and walks
	second  [][]job             // those of them that wait until none of the first is
	rest    []job               // for the one worker with the least priority
	hurry   bool                // the rest need not wait any more
}

// restDelay is how long the rest waits after the walk. Each driver costs every processor
// some time, since the kernel's code changes while it runs.
const restDelay = 3 * time.Second

// job is a driver to be loaded.
type job struct {
	alias, module string
	config        *config
}

// State is what has become of a driver.
type State string

// The states of drivers.
const (
	Waiting State = "waiting" // for those that are wanted sooner
	Loading State = "loading"
	Live    State = "loaded"
	Absent  State = "no device" // it found that its device isn't there
	Cut     State = "not here"  // its file did not fit into memory, and nothing depends on it
	Failed  State = "failed"
)

// NewPlugger returns a Plugger that has loaded nothing. A driver that cannot be loaded is
// told to complain, which may be called from any goroutine. One that says that its device
// isn't there (ENODEV), as some do that are loaded for a processor's model, has not
// failed; an alias without a module is no failure either.
func (t *Tree) NewPlugger(complain func(error)) *Plugger {
	p := &Plugger{
		tree: t, complain: complain, listen: device.Listen,
		aliases: make(map[string][]string), drivers: make(map[string]State),
	}
	p.change = sync.NewCond(&p.mu)
	return p
}

// Follow asks for the drivers of all devices, and then of each device that appears until
// ctx is done. It does not wait for them.
func (p *Plugger) Follow(ctx context.Context) error {
	events, err := p.listen(ctx) // before the walk, so that none is missed
	p.walk(ctx)
	go p.loadRest(ctx)
	if err != nil {
		return err
	}
	go func() {
		for e := range events {
			if alias := e.Get("MODALIAS"); alias != "" && e.Action == "add" {
				p.plug(ctx, nil, alias)
			} else if e.Action == device.Lost {
				p.walk(ctx)
			}
		}
	}()
	return nil
}

// walk asks for the drivers of all devices that the machine has: for those of networks and buses
// now, and for the others, which takes the longer part of the time, in the background.
func (p *Plugger) walk(ctx context.Context) {
	config, err := p.tree.config()
	if err != nil {
		p.complain(err)
		return
	}
	p.mu.Lock()
	p.first++ // the walk itself: it may meet the network last
	p.urgent++
	p.mu.Unlock()
	var others []string
	device.Walk(p.tree.root+"/sys", func(_, alias string) {
		if isFirst(alias) {
			p.plug(ctx, config, alias)
		} else {
			others = append(others, alias)
		}
	})
	go func() {
		yieldThread()
		for _, alias := range others {
			p.plug(ctx, config, alias)
		}
		p.firstDone(ctx)
		p.done()
	}()
}

// isFirst tells whether an alias is of a network or of a bus that one may be behind.
func isFirst(alias string) bool {
	kind := (device.Device{Alias: alias}).Kind()
	return kind == device.Network || kind == device.Bus
}

// plug asks for the drivers of an alias. Without a config, it is read when needed:
// hooks write to modprobe.d.
func (p *Plugger) plug(ctx context.Context, c *config, alias string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	modules, known := p.aliases[alias]
	if known && !slices.ContainsFunc(modules, p.wanted) {
		return
	}
	var err error
	if c == nil {
		c, err = p.tree.config()
	}
	if err == nil && !known {
		modules, err = p.tree.lookup(c, alias)
		slices.SortStableFunc(modules, p.tree.plainerLast)
		p.aliases[alias] = modules
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		p.complain(err)
	}
	var now []job
	for _, module := range modules {
		switch j := (job{alias, module, c}); {
		case !p.wanted(module):
		case p.tree.later(module):
			p.drivers[module] = Waiting
			p.rest = append(p.rest, j)
		default:
			p.drivers[module] = Loading
			now = append(now, j)
		}
	}
	if len(now) > 0 {
		p.begin(ctx, now)
	}
	p.change.Broadcast()
}

// begin begins to load the drivers of one alias, or notes them for when the first are done.
func (p *Plugger) begin(ctx context.Context, jobs []job) {
	p.urgent++
	switch {
	case isFirst(jobs[0].alias):
		p.first++
		go func() {
			p.loadNow(ctx, jobs)
			p.firstDone(ctx)
		}()
	case p.first > 0:
		p.second = append(p.second, jobs)
	default:
		go p.loadSecond(ctx, jobs)
	}
}

// firstDone begins with what waits for the first, when it was the last of them.
func (p *Plugger) firstDone(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.first--; p.first > 0 {
		return
	}
	for _, jobs := range p.second {
		go p.loadSecond(ctx, jobs)
	}
	p.second = nil
}

func (p *Plugger) loadSecond(ctx context.Context, jobs []job) {
	yieldThread()
	p.loadNow(ctx, jobs)
}

// plainerLast sorts drivers of plain frame buffers behind the others: where the same card
// has a driver of both kinds, only that of drivers/gpu does all that the card can.
func (t *Tree) plainerLast(a, b string) int {
	plain := func(module string) int {
		if file, _, _ := t.needs(module); strings.HasPrefix(file, "kernel/drivers/video/fbdev/") {
			return 1
		}
		return 0
	}
	return plain(a) - plain(b)
}

// wanted tells whether a driver is to be loaded: it was not tried before, or it has
// been removed since.
func (p *Plugger) wanted(module string) bool {
	state, tried := p.drivers[module]
	return !tried || state == Live && !p.tree.loaded(module)
}

// loadNow loads the drivers of one alias, one after another: the first is the
// preferred one.
func (p *Plugger) loadNow(ctx context.Context, jobs []job) {
	for _, j := range jobs {
		state := p.load(ctx, j)
		p.mu.Lock()
		p.drivers[j.module] = state
		p.change.Broadcast()
		p.mu.Unlock()
	}
	p.done()
}

// done ends what a phase may wait for.
func (p *Plugger) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.urgent--
	p.change.Broadcast()
}

// loadRest loads what can wait, while nothing is loading that cannot, until ctx is done.
func (p *Plugger) loadRest(ctx context.Context) {
	stop := context.AfterFunc(ctx, p.change.Broadcast)
	defer stop()
	defer time.AfterFunc(restDelay, p.hurryRest).Stop()
	yieldThread()
	p.mu.Lock()
	defer p.mu.Unlock()
	for ctx.Err() == nil {
		if p.urgent > 0 || len(p.rest) == 0 || !p.hurry {
			p.change.Wait()
			continue
		}
		j := p.rest[0]
		p.rest = p.rest[1:]
		p.drivers[j.module] = Loading
		p.mu.Unlock()
		state := p.load(ctx, j)
		p.mu.Lock()
		p.drivers[j.module] = state
		p.change.Broadcast()
	}
}

func (p *Plugger) hurryRest() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hurry = true
	p.change.Broadcast()
}

func (p *Plugger) load(ctx context.Context, j job) State {
	_, err := p.tree.loadModule(ctx, j.config, j.module, j.alias, "")
	switch {
	case err == nil:
		return Live
	case errors.Is(err, unix.ENODEV):
		return Absent
	case noFile(err) && p.tree.later(j.module): // early-mounts has said so, once for all
		return Cut
	case ctx.Err() == nil:
		p.complain(fmt.Errorf("driver for %s: %w", j.alias, err))
	}
	return Failed
}

// Idle tells whether no driver that a phase may wait for is on its way.
func (p *Plugger) Idle() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.urgent == 0
}

// Wait waits until all drivers are loaded that were asked for, and those of the devices
// that they brought to light.
func (p *Plugger) Wait(ctx context.Context) error {
	p.hurryRest()
	stop := context.AfterFunc(ctx, p.change.Broadcast)
	defer stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for ctx.Err() == nil && p.busy() {
		p.change.Wait()
	}
	return ctx.Err()
}

func (p *Plugger) busy() bool {
	if p.urgent > 0 {
		return true
	}
	for _, state := range p.drivers {
		if state == Waiting || state == Loading {
			return true
		}
	}
	return false
}

// Drivers returns the names of the modules that were asked for, each with what has
// become of it.
func (p *Plugger) Drivers() map[string]State {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.drivers)
}
