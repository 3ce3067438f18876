package mirror

import (
	"iter"

	"bootrc/s3/folder"
	"bootrc/s3/remote"
	"bootrc/s3/tree"
)

// pair is a name on both sides, or on one.
type pair struct {
	name     string
	src, dst *tree.Entry
	unseen   bool // nobody has looked at either side yet
}

// listings is the state of two listings that are read side by side.
type listings struct {
	srcErrs []error // what could not be listed of the source
	dstErr  error   // what ended the listing of the destination
}

// merge pairs two listings by name, without holding either. It ends where the
// destination cannot be listed: what is there could be overwritten. Where the
// source cannot, it goes on, and what only the destination has proves nothing
// any more.
func merge(src, dst tree.Seq, state *listings) iter.Seq[pair] {
	return func(yield func(pair) bool) {
		nextSrc, stopSrc := iter.Pull2(src)
		defer stopSrc()
		nextDst, stopDst := iter.Pull2(dst)
		defer stopDst()
		s, d := state.src(nextSrc), state.dst(nextDst)
		for state.dstErr == nil && (s != nil || d != nil) {
			var p pair
			switch {
			case d == nil || s != nil && s.Name < d.Name:
				p = pair{name: s.Name, src: s}
				s = state.src(nextSrc)
			case s == nil || d.Name < s.Name:
				p = pair{name: d.Name, dst: d}
				d = state.dst(nextDst)
			default:
				p = pair{name: s.Name, src: s, dst: d}
				s, d = state.src(nextSrc), state.dst(nextDst)
			}
			if !yield(p) {
				return
			}
		}
	}
}

func (l *listings) src(next func() (tree.Entry, error, bool)) *tree.Entry {
	for {
		e, err, ok := next()
		if !ok {
			return nil
		}
		if err == nil {
			return &e
		}
		l.srcErrs = append(l.srcErrs, err)
	}
}

func (l *listings) dst(next func() (tree.Entry, error, bool)) *tree.Entry {
	e, err, ok := next()
	if err != nil {
		l.dstErr = err
		return nil
	}
	if !ok {
		return nil
	}
	return &e
}

// statBoth pairs one name by looking at both sides.
func statBoth(name string, src, dst func() (tree.Entry, error)) (pair, error) {
	p := pair{name: name}
	var err error
	if p.src, err = found(src()); err != nil {
		return p, err
	}
	p.dst, err = found(dst())
	return p, err
}

func found(e tree.Entry, err error) (*tree.Entry, error) {
	switch {
	case folder.IsGone(err), remote.HasCode(err, "NoSuchKey"):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &e, nil
}
