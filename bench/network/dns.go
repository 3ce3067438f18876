package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"bootrc/test/nameserver"
)

// lookUpLimit is how long a client may take for a name.
const lookUpLimit = 40 * time.Second

// compareDNS has each resolver look for one name, which the search list completes, by each kind of server.
func compareDNS(chosen *regexp.Regexp) (table, error) {
	if err := ownAddresses(); err != nil {
		return nil, err
	}
	clients := [][]string{
		{filepath.Join(*dir, "lookup")}, {filepath.Join(*dir, "musl")}, {filepath.Join(*dir, "glibc")},
		{filepath.Join(*dir, "lookup"), "-plain"},
	}
	var t table
	for i, kind := range nameserver.Kinds {
		if !chosen.MatchString(kind.Name) {
			continue
		}
		row := row{kind: kind.Name}
		for j, client := range clients {
			r, err := lookUp(client, kind, fmt.Sprintf("10.%d.%d", 53+j, i))
			if err != nil {
				return nil, err
			}
			row.results = append(row.results, r)
		}
		t = append(t, row)
	}
	return t, nil
}

// ownAddresses makes all of 10.53.0.0/16 and the networks behind it this machine's.
func ownAddresses() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	if err := netlink.LinkSetUp(lo); err != nil {
		return err
	}
	for network := range 4 {
		own := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(53 + network), 0, 0}), 16)
		err := netlink.RouteAdd(&netlink.Route{LinkIndex: lo.Attrs().Index, Type: unix.RTN_LOCAL, Table: unix.RT_TABLE_LOCAL, Scope: netlink.SCOPE_HOST,
			Dst: &net.IPNet{IP: own.Addr().AsSlice(), Mask: net.CIDRMask(own.Bits(), 32)}})
		if err != nil {
			return err
		}
	}
	return nil
}

// lookUp runs a client before servers in a network of their own.
func lookUp(client []string, kind nameserver.Kind, network string) (r result, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	conf := "search " + nameserver.Search + "\n"
	var running []*nameserver.Running
	for i, s := range kind.Servers {
		address := fmt.Sprintf("%s.%d", network, i+1)
		server, err := nameserver.Run(ctx, address+":53", s)
		if err != nil {
			return r, err
		}
		running = append(running, server)
		conf += "nameserver " + address + "\n"
	}
	if err := os.WriteFile("/etc/resolv.conf", []byte(conf), 0o644); err != nil {
		return r, err
	}
	limited, stop := context.WithTimeout(ctx, lookUpLimit)
	defer stop()
	begin := time.Now()
	output, failure := exec.CommandContext(limited, client[0], append(slices.Clone(client[1:]), "host")...).Output()
	r.seconds = time.Since(begin).Seconds()
	for _, s := range running {
		r.packets += s.Packets()
	}
	found := strings.Fields(string(output))
	slices.Sort(found)
	want := slices.Sorted(slices.Values(kind.Want))
	switch {
	case failure != nil:
		r.wrong = "NOTHING"
	case !slices.Equal(slices.Compact(found), want):
		r.wrong = fmt.Sprintf("%d OF %d", len(slices.Compact(found)), len(want))
	}
	return r, nil
}
