package beside_test

import (
	"os"
	"regexp"
	"strings"
	"sync"
)

// replacements take out of both sides' words what tells nothing of a container.
var replacements = sync.OnceValue(func() []replacement {
	var list []replacement
	for _, r := range [][2]string{
		{`\b[0-9a-f]{64}\b`, "ID"},                 // podman's containers, where they have no name
		{`/libpod_parent/libpod-ID`, "/CONTAINER"}, // control groups
		{`tmpfs tmpfs ro,.*`, "tmpfs tmpfs ro"},    // newer runcs make a hidden folder small
		{`- cgroup systemd`, "- cgroup cgroup"},
		{` /dev rw,nosuid,noexec -`, " /dev rw,nosuid -"}, // podman 4 alone
		{`(/null /\S+ rw,nosuid),noexec -`, "$1 -"},
		{`^TERM=xterm\n`, ""}, // podman 5 sets it with --tty alone
		{`/root/volumes/(\w+)/_data|/lib/(var/bootrc|storage)/volumes/(\w+)/data|/lib/(var/bootrc|storage)/containers/\w+/volume\d+`, "/VOLUME"},
		{`(tmpfs tmpfs (?:rw|ro)),mode=7[05][05]$`, "$1"}, // newer runcs take the mode of the image's folder
		{`^(tmpfs /\S+ tmpfs \S+),mode=7[05][05] `, "$1 "},
		{`size=64000k`, "size=65536k"}, // podman 5 takes its own default for powers of two
		{`^127.0.[01].1.*|^::1.*|^.*host.containers.internal.*`, "MACHINE'S"},
		{`/bootrc-[A-Za-z0-9_.-]+-[0-9a-f]{8}\b`, "/CONTAINER"},
	} {
		list = append(list, replacement{regexp.MustCompile("(?m)" + r[0]), r[1]})
	}
	return list
})

type replacement struct {
	pattern *regexp.Regexp
	with    string
}

// alike returns a text without names that each side makes up.
func alike(text, dir string) string {
	text = strings.ReplaceAll(text, dir, "DIR")
	for _, r := range replacements() {
		text = r.pattern.ReplaceAllString(text, r.with)
	}
	return namespaces(text)
}

// namespaces tells for each namespace only whether it is the machine's.
func namespaces(text string) string {
	return regexp.MustCompile(`([a-z]+):\[[0-9]+\]`).ReplaceAllStringFunc(text, func(seen string) string {
		kind, _, _ := strings.Cut(seen, ":")
		if own, err := os.Readlink("/proc/self/ns/" + kind); err == nil && own == seen {
			return kind + ": the machine's"
		}
		return kind + ": its own"
	})
}
