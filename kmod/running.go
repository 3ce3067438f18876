package kmod

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Running is the modules of the running kernel: the Tree, opened when first needed, and
// anew when its index has changed, and the Plugger that gives devices their drivers.
type Running struct {
	find func() (dir string, err error)
	life context.Context

	mu      sync.Mutex
	tree    *Tree
	time    time.Time // of the index
	plugger *Plugger
	stop    context.CancelFunc // ends its work
}

// NewRunning returns the modules of the running kernel. What goes on in the background
// does so until life ends, and complains on the process's standard error.
func NewRunning(life context.Context) *Running { return &Running{find: Find, life: life} }

// Idle tells whether no driver that a phase may wait for is being loaded for a device.
func (r *Running) Idle() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.plugger == nil || r.plugger.Idle()
}

func (r *Running) open() (*Tree, error) {
	dir, err := r.find()
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(filepath.Join(dir, indexFile))
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tree == nil || r.tree.dir != dir || !r.time.Equal(info.ModTime()) {
		if r.tree, err = Open(dir); err != nil {
			return nil, err
		}
		r.time = info.ModTime()
	}
	return r.tree, nil
}

// follow returns the one Plugger, which has begun: a new one for another Tree, which
// a hook has brought.
func (r *Running) follow(tree *Tree) (*Plugger, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.plugger != nil && r.plugger.tree == tree {
		return r.plugger, nil
	}
	if r.stop != nil {
		r.stop()
	}
	var life context.Context
	life, r.stop = context.WithCancel(r.life)
	complain := func(err error) { fmt.Fprintln(os.Stderr, "coldplug:", err) }
	r.plugger = tree.NewPlugger(complain)
	return r.plugger, errors.Join(watchFirmware(life, complain), r.plugger.Follow(life), tree.MakeNodes("/dev"))
}
