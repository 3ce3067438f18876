package run

// layer is names and what they stand for. A subshell that its parent waits for has a
// layer of its own over the parent's, which nobody changes meanwhile.
type layer[V any] struct {
	own   map[string]V
	outer *layer[V]
}

func newLayer[V any](outer *layer[V]) *layer[V] {
	return &layer[V]{outer: outer}
}

func (l *layer[V]) get(name string) (V, bool) {
	for ; l != nil; l = l.outer {
		if v, ok := l.own[name]; ok {
			return v, true
		}
	}
	var none V
	return none, false
}

func (l *layer[V]) set(name string, v V) {
	if l.own == nil {
		l.own = make(map[string]V)
	}
	l.own[name] = v
}

// all is every name with what it stands for here.
func (l *layer[V]) all() map[string]V {
	if l.outer == nil && l.own != nil {
		return l.own
	}
	flat := make(map[string]V)
	for ; l != nil; l = l.outer {
		for name, v := range l.own {
			if _, ok := flat[name]; !ok {
				flat[name] = v
			}
		}
	}
	return flat
}

// copied is a layer with the same content and nothing under it.
func (l *layer[V]) copied(copy func(V) V) *layer[V] {
	all := l.all()
	flat := &layer[V]{own: make(map[string]V, len(all))}
	for name, v := range all {
		flat.own[name] = copy(v)
	}
	return flat
}
