package boot

import "os"

// offer lists what the machine has of what a command's help calls so.
func (b *boot) offer(what string) []string {
	folder := ""
	switch what {
	case "PHASE":
		phases, _ := phasesIn(b.folder)
		var names []string
		for _, p := range phases {
			names = append(names, p.name())
		}
		return names
	case "DEV", "dev":
		folder = "/sys/class/net"
	case "VOLUME", "NAME":
		folder = "/storage/volumes"
	default:
		return nil
	}
	var names []string
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
