// Lookup prints the addresses of a host, one a line: by Go's resolver over our carriage of its
// questions or, with -plain, by itself.
package main

import (
	"context"
	"fmt"
	"net"
	"os"

	"bootrc/network/dns"
)

func main() {
	resolver := dns.NewResolver("/etc/resolv.conf")
	host := os.Args[1]
	if host == "-plain" {
		resolver, host = &net.Resolver{PreferGo: true}, os.Args[2]
	}
	found, err := resolver.LookupNetIP(context.Background(), "ip", host)
	if err != nil {
		fmt.Fprintln(os.Stderr, "lookup:", err)
		os.Exit(1)
	}
	for _, a := range found {
		fmt.Println(a.Unmap())
	}
}
