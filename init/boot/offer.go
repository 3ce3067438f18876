package boot

import (
	"os"
	"strings"
)

// offer lists what the machine has of what a command's help calls so.
func (b *boot) offer(what string) []string {
	switch what {
	case "PHASE":
		phases, _ := phasesIn(b.folder)
		return names(phases)
	case "DEV", "dev":
		return shownIn("/sys/class/net")
	case "VOLUME":
		return shownIn("/storage/volumes")
	}
	return nil
}

// shownIn lists what is in a folder, but for what a dot hides.
func shownIn(folder string) []string {
	var shown []string
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			shown = append(shown, e.Name())
		}
	}
	return shown
}
