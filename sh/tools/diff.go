package tools

import (
	"context"
	"io"

	"bootrc/kit/command"

	"github.com/rogpeppe/go-internal/diff"
)

func diffCommand() command.Command {
	return command.Command{
		Name: "diff", Summary: "print the lines in which two files differ, as diff -u does", Operands: "OLD NEW",
		Options: []command.Option{
			{Names: "-u, --unified", Help: "print three lines around each difference, as it does anyway"},
			{Names: "-q, --brief", Help: "say only that they differ"},
		},
		Statuses: []string{"1: they differ", "2: an error"}, Misuse: 2, Run: tool(diffFiles),
	}
}

func diffFiles(ctx context.Context, c *call) error {
	var texts [2][]byte
	for i, name := range c.Args {
		r, err := c.open(ctx, name)
		if err != nil {
			return &command.Failure{Status: 2, Err: err}
		}
		texts[i], err = io.ReadAll(io.LimitReader(r, maxInMemory))
		r.Close()
		if err != nil {
			return &command.Failure{Status: 2, Err: err}
		}
	}
	if string(texts[0]) == string(texts[1]) {
		return nil
	}
	if c.Flag("brief") {
		c.Printf("Files %s and %s differ\n", c.Shown(c.Args[0]), c.Shown(c.Args[1]))
		return command.Status(1)
	}
	text := diff.Diff(c.Args[0], texts[0], c.Args[1], texts[1])
	// its first line is that of `diff OLD NEW`
	for i, b := range text {
		if b == '\n' {
			text = text[i+1:]
			break
		}
	}
	c.out.Write(text)
	return command.Status(1)
}
