package oci

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"bootrc/kit/command"
	"bootrc/kit/foreign"
	"bootrc/kit/size"
	"bootrc/oci/store"
)

func (c commands) images(ctx context.Context, call *command.Call) error {
	s, err := c.open()
	if err != nil {
		return err
	}
	if call.Flag("check") {
		return checkStore(ctx, call, s)
	}
	images, err := s.Images()
	if err != nil {
		return err
	}
	if call.Flag("quiet") {
		for _, image := range images {
			call.Printf("%s\n", image.ID.Hex)
		}
		return nil
	}
	return printImages(call.Stdout, images)
}

func printImages(w io.Writer, images []*store.Image) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tID\tPLATFORM\tSIZE\tLAST USED")
	for _, image := range images {
		names := image.Names
		if len(names) == 0 {
			names = []string{"<none>"}
		}
		used := "read-only"
		if !image.ReadOnly {
			used = formatTime(image.Used)
		}
		for _, name := range names {
			fmt.Fprintf(table, "%s\t%.12s\t%s/%s\t%s\t%s\n", name, image.ID.Hex,
				foreign.Line(image.Config.OS), foreign.Line(image.Config.Architecture), size.Text(image.Size), used)
		}
	}
	return table.Flush()
}

func formatTime(t time.Time) string { return t.Format("2006-01-02 15:04") }

// checkStore prints what is not whole, which makes the status 1.
func checkStore(ctx context.Context, call *command.Call, s *store.Store) error {
	whole := true
	err := s.Check(ctx, func(problem string) {
		whole = false
		call.Printf("%s\n", foreign.Text(problem))
	})
	if err == nil && !whole {
		err = command.Status(1)
	}
	return err
}

func checkSpace(text string) error {
	_, err := store.ParseSpace(text)
	return err
}

func (c commands) prune(ctx context.Context, call *command.Call) error {
	keep, err := store.ParseSpace(call.Text("keep"))
	if err != nil {
		return err
	}
	s, err := c.open()
	if err != nil {
		return err
	}
	return s.Prune(ctx, keep, func(gone store.Removed) {
		call.Printf("removed %s\n", describeRemoved(gone))
	})
}
