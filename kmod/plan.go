package kmod

import (
	"fmt"
	"slices"
	"strings"
)

// step is the insertion of one module.
type step struct {
	module string
	path   string
	params string
	needs  []*step // fails with these
	err    error   // of its run
}

func (s *step) String() string {
	return strings.TrimRight("insmod "+s.path+" "+s.params, " ")
}

// planner turns a module into the steps that load it, in their order.
type planner struct {
	tree    *Tree
	config  *config
	alias   string // what the module was asked for as
	softs   map[string]softdep
	steps   []*step
	planned map[string]*step // nil while the module's needs are being planned
	posts   []string         // soft dependencies to be loaded after the modules
}

// plan returns the steps for a module; the first that the module itself has is
// given params beside the configured ones.
func (t *Tree) plan(c *config, module, alias, params string) (steps []*step, own *step, err error) {
	p := &planner{tree: t, config: c, alias: CanonicalAlias(alias), planned: make(map[string]*step)}
	if p.softs, err = t.softdeps(); err != nil {
		return nil, nil, err
	}
	if own, err = p.visit(module, nil); err != nil {
		return nil, nil, fmt.Errorf("load %s: %w", module, err)
	}
	own.params = joinParams(c.params(module, p.alias), params)
	// a list that grows: what is loaded after may have its own
	for i := 0; i < len(p.posts); i++ {
		p.soft(p.posts[i], nil)
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
	file, needs, err := p.tree.needs(module)
	if err != nil {
		return nil, err
	}
	if p.config.never[module] {
		return nil, fmt.Errorf("%s is disabled by module_blacklist= or an install line in modprobe.d", module)
	}
	p.planned[module] = nil
	s := &step{
		module: module,
		path:   p.tree.path(file),
		params: p.config.params(module, module),
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
		p.soft(name, chain)
	}
	p.posts = append(p.posts, soft.post...)
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
func (p *planner) soft(name string, chain []string) {
	modules, err := p.tree.lookup(p.config, name)
	if err != nil {
		return
	}
	for _, module := range modules {
		p.visit(module, chain)
	}
}
