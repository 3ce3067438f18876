package volume

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"bootrc/kit/command"
	"bootrc/kit/size"
)

func listCommand() command.Command {
	return command.Command{
		Name: "ls", Summary: "list volumes, with their size and when they expire",
		Options: []command.Option{
			{Names: "-q, --quiet", Help: "print only names"},
			{Names: "-f, --filter", Value: "label=NAME[=VALUE]", Kind: command.List, Check: checkFilter, Help: "list only volumes with this label"},
		},
	}
}

func checkFilter(text string) error {
	if !strings.HasPrefix(text, "label=") {
		return fmt.Errorf("expected label=NAME[=VALUE], got %q", text)
	}
	return nil
}

func (c *invocation) list() error {
	s, err := c.open()
	if err != nil {
		return err
	}
	all, err := s.List()
	all = slices.DeleteFunc(all, func(v Volume) bool { return !v.matches(c.List("filter")) })
	if c.Flag("quiet") {
		for _, v := range all {
			c.Printf("%s\n", v.Name)
		}
		return err
	}
	w := tabwriter.NewWriter(c.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "VOLUME NAME\tSIZE\tEXPIRATION\tENCRYPTED\tLABELS")
	for _, v := range all {
		encrypted := map[bool]string{true: "yes", false: "no"}[v.Key != ""]
		fmt.Fprintf(w, "%s\t%s\t%v\t%s\t%s\n", v.Name, size.Text(v.Size()), v.Expiration, encrypted, v.labels())
	}
	return errors.Join(err, w.Flush())
}

// matches tells whether the volume has all labels of filters, label=NAME[=VALUE].
func (v Volume) matches(filters []string) bool {
	for _, filter := range filters {
		name, value, hasValue := strings.Cut(strings.TrimPrefix(filter, "label="), "=")
		got, there := v.Labels[name]
		if !there || hasValue && got != value {
			return false
		}
	}
	return true
}

func (v Volume) labels() string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(v.Labels)) {
		all = append(all, name+"="+v.Labels[name])
	}
	return strings.Join(all, ",")
}

// description is a volume as podman-volume-inspect(1) prints it, where it has the field.
type description struct {
	Name       string
	Mountpoint string
	CreatedAt  time.Time
	Labels     map[string]string
	Expiration Expiration
	FscryptKey string // identifier
	Size       int64
}

func (c *invocation) inspect() error {
	s, err := c.open()
	if err != nil {
		return err
	}
	all := []description{}
	var failed []error
	for _, name := range c.Args {
		v, err := s.Inspect(name)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		all = append(all, description{v.Name, v.Folder, v.Created, v.Labels, v.Expiration, v.Key, v.Size()})
	}
	text, err := json.MarshalIndent(all, "", "    ")
	if err != nil {
		return err
	}
	c.Printf("%s\n", text)
	return errors.Join(failed...)
}
