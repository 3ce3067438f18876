package manage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"bootrc/kit/command"
	"bootrc/kit/foreign"
	"bootrc/kit/size"
	"bootrc/oci/container"
	"bootrc/oci/container/record"

	"github.com/opencontainers/runc/libcontainer"
)

func (m manager) list(_ context.Context, call *command.Call) error {
	all := m.Records.All()
	if call.Flag("quiet") {
		for _, r := range all {
			call.Printf("%s\n", r.Name)
		}
		return nil
	}
	table := tabwriter.NewWriter(call.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tIMAGE\tCOMMAND\tSTATUS")
	for _, r := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", r.Name, foreign.Line(r.ImageName), foreign.Line(shortCommand(r)), m.status(r))
	}
	return table.Flush()
}

// maxCommand is how much of a command is shown, in bytes.
const maxCommand = 40

func shortCommand(r *record.Record) string {
	text := strings.Join(append([]string{r.Path}, r.Args...), " ")
	if len(text) > maxCommand {
		return strings.ToValidUTF8(text[:maxCommand], "") + "…"
	}
	return text
}

// status says in a few words, as podman-ps(1) does, how far a container is.
func (m manager) status(r *record.Record) string {
	switch {
	case r.State.Running && m.isGone(r.Name):
		return "Gone: whoever ran it was killed"
	case r.State.Running:
		text := "Up " + since(r.State.StartedAt)
		if h := r.State.Health; h != nil {
			text += " (" + h.Status + ")"
		}
		return text
	case r.State.Status == record.Exited:
		return fmt.Sprintf("Exited (%d) %s ago", r.State.ExitCode, since(r.State.FinishedAt))
	case r.State.Status == record.Restarting:
		return fmt.Sprintf("Restarting (%d) %s ago", r.State.ExitCode, since(r.State.FinishedAt))
	}
	return "Created"
}

func (m manager) isGone(name string) bool {
	_, err := m.Running(name)
	return errors.Is(err, container.ErrNotRunning)
}

func since(t time.Time) string { return max(time.Since(t), 0).Round(time.Second).String() }

func (m manager) inspect(_ context.Context, call *command.Call) error {
	list := []*record.Record{}
	err := each(call.Args, func(name string) error {
		r, err := m.Records.Get(name)
		if err == nil {
			r.Process, r.Limits = nil, nil
			list = append(list, r)
		}
		return err
	})
	text, jerr := json.MarshalIndent(list, "", "     ")
	if jerr == nil {
		call.Printf("%s\n", text)
	}
	return errors.Join(err, jerr)
}

func (m manager) stats(_ context.Context, call *command.Call) error {
	names := call.Args
	if len(names) == 0 {
		for _, r := range m.Records.All() {
			if r.State.Running && !m.isGone(r.Name) {
				names = append(names, r.Name)
			}
		}
	}
	table := tabwriter.NewWriter(call.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tCPU TIME\tMEMORY\tLIMIT\tPIDS")
	err := each(names, func(name string) error {
		_, c, err := m.running(name)
		if err != nil {
			return err
		}
		return printStats(table, name, c)
	})
	return errors.Join(err, table.Flush())
}

func printStats(table *tabwriter.Writer, name string, c *libcontainer.Container) error {
	s, err := c.Stats()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	memory, limit := s.CgroupStats.MemoryStats.Usage, "none"
	if memory.Limit > 0 && memory.Limit < 1<<62 {
		limit = size.BinaryText(int64(memory.Limit))
	}
	fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\n", name, time.Duration(s.CgroupStats.CpuStats.CpuUsage.TotalUsage).Round(time.Millisecond),
		size.BinaryText(int64(memory.Usage)), limit, s.CgroupStats.PidsStats.Current)
	return nil
}
