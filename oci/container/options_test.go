package container

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bootrc/kit/command"
)

// beyondPodman are options of ours that podman-run(1) does not have.
var beyondPodman = []string{"command-file", "offline"}

// docs/containers.md says of each option of podman-run(1), version 5.8, whether it is supported, has
// no effect, or is refused, and why; and so it is. testdata/podman-run.txt lists these options.
func TestEveryOptionOfPodman(t *testing.T) {
	text, err := os.ReadFile("../../docs/containers.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := tables(string(text))
	names, err := os.ReadFile("testdata/podman-run.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(strings.Fields(string(names)), beyondPodman...) {
		kinds := slices.Sorted(func(yield func(string) bool) {
			for kind, rows := range documented {
				if _, ok := rows[name]; ok && !yield(kind) {
					return
				}
			}
		})
		if len(kinds) != 1 {
			t.Errorf("--%s is in the tables %q, want one", name, kinds)
			continue
		}
		checkOption(t, name, kinds[0], documented[kinds[0]][name])
	}
	for kind, rows := range documented {
		for name := range rows {
			if !slices.Contains(append(strings.Fields(string(names)), beyondPodman...), name) {
				t.Errorf("%s: podman-run(1) has no --%s", kind, name)
			}
		}
	}
}

// checkOption compares what is documented of one option with what a call says.
func checkOption(t *testing.T, name, kind, reason string) {
	t.Helper()
	declared := Declare(command.Command{Run: func(_ context.Context, call *command.Call) error { _, err := Read(call); return err }})
	i := slices.IndexFunc(declared.Options, func(o command.Option) bool { return slices.Contains(strings.Split(o.Names, ", "), "--"+name) })
	args := []string{"--" + name, "image"}
	if i >= 0 && declared.Options[i].Value != "" {
		args = []string{"--" + name, "x", "image"}
	}
	var said strings.Builder
	err := declared.Do(t.Context(), &command.Call{Args: args, Dir: "/", Stdout: &said, Stderr: &said})
	effect := regexp.MustCompile(`--` + name + ` has no effect: .*`).FindString(said.String())
	switch kind {
	case "supported":
		if i < 0 && name != "help" || effect != "" {
			t.Errorf("--%s is documented as supported: %q, %v", name, effect, err)
		}
	case "without effect":
		if want := "--" + name + " has no effect: " + reason; err != nil || effect != want {
			t.Errorf("--%s: %q, %v, want %q", name, effect, err, want)
		}
	case "refused":
		if want := "--" + name + " is not supported: " + reason; err == nil || err.Error() != want {
			t.Errorf("--%s: %v, want %s", name, err, want)
		}
	}
}

// tables returns the options in the tables of docs/containers.md, by kind and by name, with the reason.
func tables(text string) map[string]map[string]string {
	heads := map[string]string{"| | options |": "supported", "| without effect | why |": "without effect", "| refused | why |": "refused"}
	documented := make(map[string]map[string]string)
	kind := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if heads[line] != "" {
			kind = heads[line]
			documented[kind] = make(map[string]string)
		}
		if !strings.HasPrefix(line, "|") {
			kind = ""
		}
		if kind == "" {
			continue
		}
		cells := strings.Split(line, " | ")
		options, reason := cells[0], strings.TrimSuffix(cells[len(cells)-1], " |")
		if kind == "supported" {
			options = reason
		}
		for _, found := range regexp.MustCompile("`(-[^ `=]+)").FindAllStringSubmatch(options, -1) {
			if long, ok := strings.CutPrefix(found[1], "--"); ok {
				documented[kind][long] = reason
			}
		}
	}
	return documented
}
