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
	"bootrc/kit/meter"
)

func (c *invocation) list() error {
	f := c.flags()
	quiet := f.BoolP("quiet", "q", false, "")
	filters := f.StringArrayP("filter", "f", nil, "")
	if _, err := c.parseFlags(f, 0, 0); err != nil {
		return err
	}
	for _, filter := range *filters {
		if !strings.HasPrefix(filter, "label=") {
			return command.Usagef("--filter %s: expected label=NAME[=VALUE]", filter)
		}
	}
	s, err := c.open()
	if err != nil {
		return err
	}
	all, err := s.List()
	all = slices.DeleteFunc(all, func(v Volume) bool { return !v.matches(*filters) })
	if *quiet {
		for _, v := range all {
			c.Printf("%s\n", v.Name)
		}
		return err
	}
	w := tabwriter.NewWriter(c.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "VOLUME NAME\tSIZE\tEXPIRATION\tENCRYPTED\tLABELS")
	for _, v := range all {
		encrypted := map[bool]string{true: "yes", false: "no"}[v.Key != ""]
		fmt.Fprintf(w, "%s\t%s\t%v\t%s\t%s\n", v.Name, meter.Size(v.Size()), v.Expiration, encrypted, v.labels())
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

// shown is a volume as podman-volume-inspect(1) prints it, where it has the field.
type shown struct {
	Name       string
	Mountpoint string
	CreatedAt  time.Time
	Labels     map[string]string
	Expiration Expiration
	FscryptKey string // identifier
	Size       int64
}

func (c *invocation) inspect() error {
	names, err := c.parseFlags(c.flags(), 1, -1)
	if err != nil {
		return err
	}
	s, err := c.open()
	if err != nil {
		return err
	}
	all := []shown{}
	var failed []error
	for _, name := range names {
		v, err := s.Inspect(name)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		all = append(all, shown{v.Name, v.Folder, v.Created, v.Labels, v.Expiration, v.Key, v.Size()})
	}
	text, err := json.MarshalIndent(all, "", "    ")
	if err != nil {
		return err
	}
	c.Printf("%s\n", text)
	return errors.Join(failed...)
}
