package remote

import (
	"errors"
	"hash/maphash"
	"net/url"
)

// pages are those of one listing that were asked for: each has to bring the listing on.
type pages struct {
	seen  map[uint64]bool // hashes of what names a page
	empty int             // how many in a row had no entry
}

type pagesKey struct{}

// maxEmptyPages is how many pages in a row can be without an entry: a store may still
// list the places of objects that were removed.
const maxEmptyPages = 1000

var pagesSeed = maphash.MakeSeed()

// turn fails where a server's answers lead in circles, or nowhere.
func (p *pages) turn(query url.Values) error {
	name := maphash.String(pagesSeed, query.Get("marker")+"\x00"+query.Get("continuation-token"))
	if p.seen[name] {
		return &permanentError{errors.New("the server says that there is more, and lists the same again")}
	}
	if p.empty++; p.empty > maxEmptyPages {
		return &permanentError{errors.New("the server says that there is more, and lists nothing")}
	}
	if p.seen == nil {
		p.seen = make(map[uint64]bool)
	}
	p.seen[name] = true
	return nil
}
