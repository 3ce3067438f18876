package kmod

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// insertion is one module on its way into the kernel, for all who wait for it.
type insertion struct {
	done chan struct{}
	err  error
}

// load loads what a module's name or alias stands for, with all that it needs, and returns
// when it is in the kernel, with the steps that were run: those of modules that were not
// loaded before. A module that is loaded already, or is built in, is success. The
// parameters, as NAME=VALUE, are the module's own; those of modprobe.d(5) and of the
// kernel command line come before them.
//
// An alias loads every module that has it; a blacklisted one only loads by its
// name. The error wraps ErrNotFound when there is no such module.
func (t *Tree) load(ctx context.Context, nameOrAlias string, params []string) ([]*step, error) {
	config, err := t.config()
	if err != nil {
		return nil, err
	}
	modules, err := t.lookup(config, nameOrAlias)
	if err != nil {
		return nil, err
	}
	var ran []*step
	var failed []error
	for _, module := range modules {
		steps, err := t.loadModule(ctx, config, module, nameOrAlias, joinWords(params))
		ran = append(ran, steps...)
		failed = append(failed, err)
	}
	return ran, errors.Join(failed...)
}

// dryLoad returns the steps that load would run now.
func (t *Tree) dryLoad(_ context.Context, nameOrAlias string, params []string) ([]*step, error) {
	config, err := t.config()
	if err != nil {
		return nil, err
	}
	modules, err := t.lookup(config, nameOrAlias)
	if err != nil {
		return nil, err
	}
	var would []*step
	for _, module := range modules {
		if t.loaded(module) {
			continue
		}
		steps, _, err := t.plan(config, module, nameOrAlias, joinWords(params))
		if err != nil {
			return would, err
		}
		for _, s := range steps {
			if !t.loaded(s.module) {
				would = append(would, s)
			}
		}
	}
	return would, nil
}

func joinWords(params []string) string {
	quoted := make([]string, len(params))
	for i, p := range params {
		quoted[i] = quoteParam(p)
	}
	return strings.Join(quoted, " ")
}

// loadModule loads one module, with what it needs before it.
func (t *Tree) loadModule(ctx context.Context, c *config, module, alias, params string) ([]*step, error) {
	if t.loaded(module) {
		return nil, nil
	}
	steps, own, err := t.plan(c, module, alias, params)
	if err != nil {
		return nil, err
	}
	var done []*step
	for _, s := range steps {
		var ran bool
		if ran, s.err = t.run(ctx, s); ran {
			done = append(done, s)
		}
	}
	return done, own.err
}

// run inserts a step's module, if those that it needs are there, and reports whether
// it was this step that did.
func (t *Tree) run(ctx context.Context, s *step) (bool, error) {
	for _, before := range s.needs {
		if before.err != nil {
			return false, fmt.Errorf("load %s: it needs %s: %w", s.module, before.module, before.err)
		}
	}
	own, other := t.claim(s.module)
	for ; other != nil; own, other = t.claim(s.module) {
		select {
		case <-other.done:
			if !errors.Is(other.err, context.Canceled) && !errors.Is(other.err, context.DeadlineExceeded) {
				return false, other.err
			}
		case <-ctx.Done():
			return false, fmt.Errorf("load %s: %w", s.module, ctx.Err())
		}
	}
	defer t.release(s.module, own)
	// only now: until the claim, another may have been at it
	if t.loaded(s.module) {
		return false, nil
	}
	own.err = t.insertStep(ctx, s)
	return own.err == nil, own.err
}

// claim makes the caller the one who inserts the module, unless another is at it.
func (t *Tree) claim(module string) (own, other *insertion) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if other := t.loading[module]; other != nil {
		return nil, other
	}
	own = &insertion{done: make(chan struct{})}
	t.loading[module] = own
	return own, nil
}

func (t *Tree) release(module string, own *insertion) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.loading, module)
	close(own.done)
}

func (t *Tree) insertStep(ctx context.Context, s *step) error {
	select {
	case t.slots <- struct{}{}:
		defer func() { <-t.slots }()
	case <-ctx.Done():
		return fmt.Errorf("load %s: %w", s.module, ctx.Err())
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("load %s: %w", s.module, err)
	}
	return t.insert(s.path, s.params)
}

// loaded reports whether a module is in the kernel and ready. One that is only
// coming is not: inserting it again waits for the first.
func (t *Tree) loaded(module string) bool {
	state, err := os.ReadFile(filepath.Join(t.root, "sys/module", module, "initstate"))
	return err == nil && strings.TrimSpace(string(state)) == "live"
}
