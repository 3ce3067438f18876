// Network compares our DHCP client and resolver with those that others have, before servers as they
// are in the field: busybox udhcpc, and the resolvers of musl and glibc. Each client meets each kind
// of server once, in namespaces of its own. What it prints is who gets what is there, how many seconds
// that takes and how many messages; it judges no time.
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"text/tabwriter"

	"bootrc/test/namespace"
)

var (
	dir     = flag.String("programs", "", "the folder with init, lookup, musl and glibc, which network.sh builds")
	pattern = flag.String("kinds", "", "a regular expression: only kinds whose names match")
)

func main() {
	flag.Parse()
	if status, inside := namespace.Enter(); !inside {
		os.Exit(status)
	}
	chosen, err := regexp.Compile(*pattern)
	if err == nil {
		err = run(chosen)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "network:", err)
		os.Exit(1)
	}
}

func run(chosen *regexp.Regexp) error {
	if err := ownEtc(); err != nil {
		return err
	}
	leases, err := compareDHCP(chosen)
	if err != nil {
		return err
	}
	leases.print("DHCP", "bootrc", "udhcpc")
	names, err := compareDNS(chosen)
	if err != nil {
		return err
	}
	names.print("DNS", "bootrc", "musl", "glibc", "Go alone")
	return nil
}

// result is what became of one client before one kind of server.
type result struct {
	wrong   string // what it has and should not, or lacks; "" if all is right
	seconds float64
	packets int
}

func (r result) String() string {
	text := fmt.Sprintf("%.1f s, %d", r.seconds, r.packets)
	if r.wrong != "" {
		text += ", " + r.wrong
	}
	return text
}

// row is a kind with the result of each client.
type row struct {
	kind    string
	results []result
}

type table []row

// print prints the table, and below it where the first client is worse than another: where it has not what the
// other has, or is slower by more than the time that one look at a clock may differ in.
func (t table) print(title string, clients ...string) {
	const slack = 0.5 // s
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s\t%s\n", title, strings.Join(clients, "\t"))
	right := make([]int, len(clients))
	var worse []string
	for _, row := range t {
		fmt.Fprint(w, row.kind)
		for i, r := range row.results {
			fmt.Fprintf(w, "\t%s", r)
			if r.wrong == "" {
				right[i]++
			}
			if ours := row.results[0]; r.wrong == "" && (ours.wrong != "" || ours.seconds > r.seconds+slack) {
				worse = append(worse, fmt.Sprintf("%s: %s %s, %s %s", row.kind, clients[0], ours, clients[i], r))
			}
		}
		fmt.Fprintln(w)
	}
	w.Flush()
	fmt.Printf("\n%d kinds; right:", len(t))
	for i, c := range clients {
		fmt.Printf(" %s %d", c, right[i])
	}
	fmt.Println()
	for i, c := range clients[1:] {
		seconds, packets := t.ratios(i + 1)
		fmt.Printf("where both are right, of %s's: seconds %.2f, messages %.2f\n", c, seconds, packets)
	}
	fmt.Printf("%s is worse: %d\n", clients[0], len(worse))
	for _, line := range worse {
		fmt.Println("  " + line)
	}
	fmt.Println()
}

// ratios are what the first client takes as a part of another's, of all kinds that both are right with.
func (t table) ratios(other int) (seconds, packets float64) {
	var sum [2]result
	for _, row := range t {
		if ours, theirs := row.results[0], row.results[other]; ours.wrong == "" && theirs.wrong == "" {
			for i, r := range []result{ours, theirs} {
				sum[i].seconds += r.seconds
				sum[i].packets += r.packets
			}
		}
	}
	return sum[0].seconds / sum[1].seconds, float64(sum[0].packets) / float64(sum[1].packets)
}
