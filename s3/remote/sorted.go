package remote

import (
	"cmp"
	"container/heap"
	"context"
	"slices"

	"bootrc/kit/order"
	"bootrc/s3/tree"
)

// sortedEntries is how many entries of a listing in no order are held at a time.
const sortedEntries = 20_000

// listSorted sorts what a store lists in no order. Memory is bounded: each listing of all
// objects finds the next so many names.
func (p *Prefix) listSorted(ctx context.Context, r Range) tree.Seq {
	return func(yield func(tree.Entry, error) bool) {
		least := least{limit: sortedEntries, after: r.After, begun: r.After != ""}
		for more := true; more; {
			var page []tree.Entry
			err := p.tryUsing(ctx, "list "+p.String(), lacksListV2, func(ctx context.Context) (err error) {
				page, more, err = p.nextSorted(ctx, r, least)
				return err
			})
			if err != nil {
				yield(tree.Entry{}, err)
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
				least.after, least.begun = e.Name, true
			}
		}
	}
}

func (p *Prefix) nextSorted(ctx context.Context, r Range, least least) (page []tree.Entry, more bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for o := range p.objects(ctx, p.listOptions(r.Below, "")) {
		if o.Err != nil {
			return nil, false, o.Err
		}
		if e := p.entry(o); r.Until == "" || e.Name <= r.Until {
			least.take(e)
		}
	}
	return least.sorted(), least.full, ctx.Err()
}

// least keeps, of the entries behind a name, those with the least names.
type least struct {
	limit int
	after string
	begun bool // there is a name that they are behind

	entries []tree.Entry // a heap, the greatest name first
	full    bool         // there are more
}

func (l *least) take(e tree.Entry) {
	if l.begun && e.Name <= l.after {
		return
	}
	if len(l.entries) < l.limit {
		heap.Push(l, e)
		return
	}
	l.full = true
	if e.Name < l.entries[0].Name {
		l.entries[0] = e
		heap.Fix(l, 0)
	}
}

// sorted returns the entries in order; a name that was listed twice is among them once.
func (l *least) sorted() []tree.Entry {
	order.By(l.entries, func(a, b tree.Entry) int { return cmp.Compare(a.Name, b.Name) })
	return slices.CompactFunc(l.entries, func(a, b tree.Entry) bool { return a.Name == b.Name })
}

func (l *least) Len() int           { return len(l.entries) }
func (l *least) Less(i, j int) bool { return l.entries[i].Name > l.entries[j].Name }
func (l *least) Swap(i, j int)      { l.entries[i], l.entries[j] = l.entries[j], l.entries[i] }
func (l *least) Push(e any)         { l.entries = append(l.entries, e.(tree.Entry)) }

func (l *least) Pop() any {
	last := len(l.entries) - 1
	e := l.entries[last]
	l.entries = l.entries[:last]
	return e
}
