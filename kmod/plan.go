package kmod

import (
	"fmt"
	"slices"
	"strings"
)

// step is the insertion of one module, after those of others.
type step struct {
	module string
	path   string
	params string
	needs  []*step // fails with these
	after  []*step // only waits for these: soft dependencies

	done chan struct{} // closed when the step has run
	err  error
}

func (s *step) String() string {
	return strings.TrimRight("insmod "+s.path+" "+s.params, " ")
}

// planner turns a module into the steps that load it. Steps are in an order that
// would do if they ran one by one.
type planner struct {
	tree    *Tree
	config  *config
	alias   string // what the module was asked for as
	deps    *depIndex
	softs   map[string]softdep
	steps   []*step
	planned map[string]*step // nil while the module's needs are being planned
	posts   []post
}

// post is a soft dependency to be loaded after a module.
type post struct {
	name  string
	after *step
}

// plan returns the steps for a module; the first that the module itself has is
// given params beside the configured ones.
func (t *Tree) plan(c *config, module, alias, params string) (steps []*step, own *step, err error) {
	p := &planner{tree: t, config: c, alias: canonicalAlias(alias), planned: make(map[string]*step)}
	if p.deps, err = t.deps(); err != nil {
		return nil, nil, err
	}
	if p.softs, err = t.softdeps(); err != nil {
		return nil, nil, err
	}
	if own, err = p.visit(module, nil); err != nil {
		return nil, nil, fmt.Errorf("load %s: %w", module, err)
	}
	own.params = joinParams(c.params(module, p.alias), params)
	// a list that grows: what is loaded after may have its own
	for i := 0; i < len(p.posts); i++ {
		before := p.posts[i].after
		for _, s := range p.soft(p.posts[i].name, nil) {
			// one that is planned already may itself come before
			if slices.Index(p.steps, s) > slices.Index(p.steps, before) {
				s.after = append(s.after, before)
			}
		}
	}
	return p.steps, own, nil
}

// visit plans a module and what it needs. The chain is the modules on the way to
// it, to name a cycle.
func (p *planner) visit(module string, chain []string) (*step, error) {
	if s, ok := p.planned[module]; ok {
		if s == nil {
			return nil, fmt.Errorf("modules need each other: %s", strings.Join(append(chain, module), " → "))
		}
		return s, nil
	}
	file, needs, ok := p.deps.find(module)
	if !ok {
		return nil, fmt.Errorf("%s is not in %s/modules.dep", module, p.tree.dir)
	}
	if p.config.never[module] {
		return nil, fmt.Errorf("%s is disabled by an install line in modprobe.d", module)
	}
	p.planned[module] = nil
	s := &step{
		module: module,
		path:   p.tree.path(file),
		params: p.config.params(module, module),
		done:   make(chan struct{}),
	}
	chain = append(slices.Clone(chain), module)
	for _, need := range needs {
		before, err := p.visit(need, chain)
		if err != nil {
			delete(p.planned, module)
			return nil, err
		}
		s.needs = append(s.needs, before)
	}
	soft := p.softdep(module)
	for _, name := range soft.pre {
		s.after = append(s.after, p.soft(name, chain)...)
	}
	for _, name := range soft.post {
		p.posts = append(p.posts, post{name, s})
	}
	p.planned[module] = s
	p.steps = append(p.steps, s)
	return s, nil
}

func (p *planner) softdep(module string) softdep {
	if s, ok := p.config.softdeps[module]; ok {
		return s
	}
	return p.softs[module]
}

// soft plans the modules of a soft dependency: one that doesn't exist, or that
// itself waits for the module that wants it, is left out.
func (p *planner) soft(name string, chain []string) []*step {
	modules, err := p.tree.lookup(p.config, name)
	if err != nil {
		return nil
	}
	var steps []*step
	for _, module := range modules {
		if s, err := p.visit(module, chain); err == nil {
			steps = append(steps, s)
		}
	}
	return steps
}
