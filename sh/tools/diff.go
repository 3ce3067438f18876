package tools

import (
	"context"
	"fmt"
	"io"

	"bootrc/kit/command"
	"bootrc/kit/size"

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

// maxCompared is the most bytes of a text: it is compared in memory.
const maxCompared = 16 << 20

func diffFiles(ctx context.Context, c *call) error {
	var texts [2][]byte
	for i, name := range c.Args {
		text, err := c.compared(ctx, name)
		if err != nil {
			return &command.Failure{Status: 2, Err: err}
		}
		texts[i] = text
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

// compared reads a file that is compared.
func (c *call) compared(ctx context.Context, name string) ([]byte, error) {
	r, err := c.open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, maxCompared+1))
	if len(text) > maxCompared {
		return nil, fmt.Errorf("%s: longer than %s: sha256sum tells whether files differ", name, size.BinaryText(maxCompared))
	}
	return text, err
}
