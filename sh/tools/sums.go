package tools

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"bootrc/kit/command"
)

func sumCommand(name, algorithm string, newHash func() hash.Hash) command.Command {
	return command.Command{
		Name: name, Summary: "print or check " + algorithm + " sums", Operands: "[FILE…]",
		Options: []command.Option{{Names: "-c, --check", Help: "read sums and names from FILE, and check those files"}},
		Run:     tool(func(ctx context.Context, c *call) error { return sums(ctx, c, newHash) }),
	}
}

func sums(ctx context.Context, c *call, newHash func() hash.Hash) error {
	return c.eachInput(ctx, c.Args, func(name string, r io.Reader) error {
		if c.Flag("check") {
			return c.checkSums(ctx, name, r, newHash)
		}
		sum, err := sumOf(r, newHash())
		if err == nil {
			c.Printf("%s  %s\n", sum, name)
		}
		return err
	})
}

func sumOf(r io.Reader, h hash.Hash) (string, error) {
	_, err := io.Copy(h, r)
	return hex.EncodeToString(h.Sum(nil)), err
}

// checkSums checks each file that list names, and fails if one differs, is
// missing, or if the list names none.
func (c *call) checkSums(ctx context.Context, list string, r io.Reader, newHash func() hash.Hash) error {
	checked, wrong := 0, 0
	s := lines(r)
	for s.Scan() {
		want, name, ok := strings.Cut(s.Text(), " ")
		if raw, err := hex.DecodeString(want); err != nil || len(raw) != newHash().Size() || !ok || len(name) < 2 {
			if s.Text() != "" {
				c.fail(fmt.Errorf("%s: %q is no line of sums", list, clip(s.Text())))
			}
			continue
		}
		checked++
		name = name[1:] // a blank, or * for binary
		verdict := "OK"
		if err := c.checkSum(ctx, name, want, newHash()); err != nil {
			wrong++
			verdict = "FAILED"
			if !errors.Is(err, errSum) {
				c.fail(err)
				verdict = "FAILED open or read"
			}
		}
		c.Printf("%s: %s\n", name, verdict)
	}
	switch {
	case s.Err() != nil:
		return s.Err()
	case checked == 0:
		return fmt.Errorf("%s: no line of sums found", list)
	case wrong > 0:
		return fmt.Errorf("%d of %d sums did not match", wrong, checked)
	}
	return nil
}

var errSum = errors.New("the sum does not match")

func (c *call) checkSum(ctx context.Context, name, want string, h hash.Hash) error {
	r, err := c.open(ctx, name)
	if err != nil {
		return err
	}
	defer r.Close()
	got, err := sumOf(r, h)
	if err == nil && !strings.EqualFold(got, want) {
		return errSum
	}
	return err
}

// clip keeps a line short enough to show.
func clip(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}
