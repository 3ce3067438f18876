package dhcp

import (
	"hash/fnv"
	"net/netip"
	"sync"
	"time"
)

// Pool is the addresses that can be given. It is safe for concurrent use. A machine gets the same one
// each time, also after this server has started anew, unless it is another's meanwhile.
type Pool struct {
	Network netip.Prefix
	first   netip.Addr
	size    int

	mu     sync.Mutex
	owners map[netip.Addr]lease
	leases map[string]netip.Addr // by hardware address
	offers []netip.Addr          // the addresses that were offered, the oldest first
	now    func() time.Time
}

type lease struct {
	owner   string
	until   time.Time
	offered bool // and not taken yet
}

// An offer is kept a minute, an address that somebody else has ten, so that it is tried again later.
const (
	offerTime   = time.Minute
	declineTime = 10 * time.Minute
)

// largest is how many addresses there are at most.
const largest = 4096

// NewPool returns the addresses of a server's network, without the server's, the first and the last.
func NewPool(server netip.Addr, network netip.Prefix) *Pool {
	network = network.Masked()
	size := 1<<(32-network.Bits()) - 2
	p := &Pool{Network: network, first: network.Addr().Next(), size: max(min(size, largest), 0), now: time.Now,
		owners: make(map[netip.Addr]lease), leases: make(map[string]netip.Addr)}
	p.owners[server] = lease{owner: "this server"}
	return p
}

// Size is how many addresses there are.
func (p *Pool) Size() int { return p.size - 1 }

// Offer returns the address that a machine would get.
func (p *Pool) Offer(owner string, wish netip.Addr) (netip.Addr, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	address, ok := p.find(owner, wish)
	if l := p.owners[address]; ok && l.until.Before(p.now().Add(offerTime)) {
		p.set(address, lease{owner, p.now().Add(offerTime), l.offered || l.owner != owner})
		p.withdraw()
	}
	return address, ok
}

// withdraw takes back the oldest offers, so that half of the addresses are there for others: machines take theirs at
// once, and made-up ones, of odd packets, never do.
func (p *Pool) withdraw() {
	for len(p.offers) > max(p.size/2, 1) {
		oldest := p.offers[0]
		p.offers = p.offers[1:]
		if l := p.owners[oldest]; l.offered {
			delete(p.owners, oldest)
			delete(p.leases, l.owner)
		}
	}
}

// Take gives the machine the address that it wishes; it is not ok if it is not the machine's to have.
func (p *Pool) Take(owner string, wish netip.Addr) (netip.Addr, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.has(wish) || !p.free(wish, owner) && !p.owners[wish].offered {
		return netip.Addr{}, false
	}
	p.set(wish, lease{owner, p.now().Add(leaseTime), false})
	return wish, true
}

// Release takes back what the machine has.
func (p *Pool) Release(owner string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if address, ok := p.leases[owner]; ok {
		delete(p.owners, address)
		delete(p.leases, owner)
	}
}

// Decline keeps what the machine was given from everybody for a while.
func (p *Pool) Decline(owner string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if address, ok := p.leases[owner]; ok {
		delete(p.leases, owner)
		p.owners[address] = lease{owner: "nobody that we know", until: p.now().Add(declineTime)}
	}
}

// find finds an address for the machine: the one that it has, or wishes, or else the first free one
// behind a number that is made of its hardware address.
func (p *Pool) find(owner string, wish netip.Addr) (netip.Addr, bool) {
	if address, ok := p.leases[owner]; ok && p.free(address, owner) {
		return address, true
	}
	if p.has(wish) && p.free(wish, owner) {
		return wish, true
	}
	if p.size == 0 {
		return netip.Addr{}, false
	}
	hash := fnv.New32a()
	hash.Write([]byte(owner))
	begin := int(hash.Sum32() % uint32(p.size))
	for i := range p.size {
		if address := p.at((begin + i) % p.size); p.free(address, owner) {
			return address, true
		}
	}
	return netip.Addr{}, false
}

func (p *Pool) at(i int) netip.Addr {
	b := p.first.As4()
	n := (uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])) + uint32(i)
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

func (p *Pool) has(address netip.Addr) bool {
	return address.Is4() && !address.Less(p.first) && !p.at(p.size-1).Less(address)
}

// free tells whether the machine can have the address.
func (p *Pool) free(address netip.Addr, owner string) bool {
	l, taken := p.owners[address]
	return !taken || l.owner == owner || !l.until.IsZero() && l.until.Before(p.now())
}

// set notes who has an address, or is offered it.
func (p *Pool) set(address netip.Addr, l lease) {
	if former, ok := p.leases[l.owner]; ok && former != address {
		delete(p.owners, former)
	}
	former, ok := p.owners[address]
	if ok && former.owner != l.owner {
		delete(p.leases, former.owner)
	}
	if l.offered && !(former.offered && former.owner == l.owner) {
		p.offers = append(p.offers, address)
	}
	p.leases[l.owner] = address
	p.owners[address] = l
}
