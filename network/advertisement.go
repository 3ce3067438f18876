package network

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"time"
)

// advertisement is what a router advertisement says that the kernel does not act
// on (RFC 4861, section 4.2; RFC 8106, section 5).
type advertisement struct {
	managed bool // addresses by DHCPv6
	other   bool // other things by DHCPv6
	servers []limited[netip.Addr]
	search  []limited[string]
}

// limited is something that holds for a time only.
type limited[T comparable] struct {
	value T
	life  time.Duration // 0: no longer; forever
}

const (
	optionServers = 25 // RDNSS
	optionSearch  = 31 // DNSSL
)

var errNoAdvertisement = errors.New("not a router advertisement")

// parseAdvertisement parses an ICMPv6 message. As RFC 4861, section 6.1.2, asks,
// an option of length 0 or one that is cut short makes the whole void.
func parseAdvertisement(b []byte) (*advertisement, error) {
	const routerAdvertisement, headerLength = 134, 16
	if len(b) < headerLength || b[0] != routerAdvertisement || b[1] != 0 {
		return nil, errNoAdvertisement
	}
	a := &advertisement{managed: b[5]&0x80 != 0, other: b[5]&0x40 != 0}
	for b = b[headerLength:]; len(b) > 0; {
		if len(b) < 2 || b[1] == 0 || len(b) < int(b[1])*8 {
			return nil, errNoAdvertisement
		}
		option := b[:int(b[1])*8]
		b = b[len(option):]
		switch option[0] {
		case optionServers:
			a.addServers(option)
		case optionSearch:
			a.addSearch(option)
		}
	}
	return a, nil
}

func (a *advertisement) addServers(option []byte) {
	life := lifetime(option)
	for b := option[8:]; len(b) >= 16; b = b[16:] {
		addr := netip.AddrFrom16([16]byte(b[:16]))
		if usable6(addr) {
			a.servers = append(a.servers, limited[netip.Addr]{addr, life})
		}
	}
}

func (a *advertisement) addSearch(option []byte) {
	for _, d := range domains(searchList(option[8:])) {
		a.search = append(a.search, limited[string]{d, lifetime(option)})
	}
}

func lifetime(option []byte) time.Duration {
	return time.Duration(binary.BigEndian.Uint32(option[4:8])) * time.Second
}

// usable6 tells whether an address can be that of one other host.
func usable6(a netip.Addr) bool {
	return a.Is6() && !a.Is4In6() && !a.IsUnspecified() && !a.IsLoopback() && !a.IsMulticast()
}

// limitedSet keeps the values that still hold, in the order in which they came.
type limitedSet[T comparable] struct {
	values []T
	ends   map[T]time.Time
}

// add takes in a value for its life; a life of 0 takes it out.
func (s *limitedSet[T]) add(now time.Time, v limited[T]) {
	const limit = 16
	if s.ends == nil {
		s.ends = make(map[T]time.Time)
	}
	if _, known := s.ends[v.value]; !known {
		if v.life == 0 || len(s.values) == limit {
			return
		}
		s.values = append(s.values, v.value)
	}
	s.ends[v.value] = now.Add(v.life)
}

// live are the values that hold at a time, and when the first of them ends (the
// zero time for never).
func (s *limitedSet[T]) live(now time.Time) (values []T, next time.Time) {
	for _, v := range s.values {
		end := s.ends[v]
		if !end.After(now) {
			delete(s.ends, v)
			continue
		}
		values = append(values, v)
		if next.IsZero() || end.Before(next) {
			next = end
		}
	}
	s.values = values
	return values, next
}
