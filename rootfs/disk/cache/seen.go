package cache

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"bootrc/kit/size"
)

// seen lists the disks: what is on each, and which argument would use it or why
// none would.
func seen(disks []Disk) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, d := range largestFirst(disks) {
		if !d.Physical {
			continue
		}
		use := "use it: b2c.cache_device=" + d.Path()
		if cause := unusable(d); cause != "" {
			use = "no use: " + strings.TrimPrefix(cause, d.Path()+" ")
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", d.Path(), size.BinaryText(d.Size), d.holds(), use)
	}
	if w.Flush(); b.Len() == 0 {
		return "  this machine shows no disk (is a driver missing?)"
	}
	if d, ok := largest(disks, nil); ok {
		fmt.Fprintf(&b, "  b2c.cache_device=%s would erase %s\n", Wipe, d.Path())
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// holds describes what is on a disk and its partitions.
func (d Disk) holds() string {
	if d.Err != nil {
		return "?"
	}
	parts := make([]string, len(d.Partitions))
	for i, p := range d.Partitions {
		parts[i] = p.Name + " " + p.Content.String()
	}
	text := d.Content.String()
	if len(parts) > 0 {
		text += " (" + strings.Join(parts, ", ") + ")"
	}
	if d.Removable {
		text += ", removable"
	}
	return text
}
