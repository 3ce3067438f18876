package tools

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"io"
	"os"

	"bootrc/kit/command"
)

func textCommands() []command.Command {
	return []command.Command{
		catCommand(), teeCommand(), headCommand(), tailCommand(), grepCommand(), sortCommand(), uniqCommand(), cutCommand(),
		trCommand(), wcCommand(), seqCommand(), pagerCommand("less"), pagerCommand("more"), hexdumpCommand("hexdump"), hexdumpCommand("xxd"), base64Command(),
		sedCommand(), diffCommand(), editCommand(),
		sumCommand("md5sum", "MD5", md5.New), sumCommand("sha256sum", "SHA-256", sha256.New), sumCommand("sha512sum", "SHA-512", sha512.New),
	}
}

func catCommand() command.Command {
	return command.Command{
		Name: "cat", Summary: "print files, one after the other", Operands: "[FILE…]", Run: tool(cat),
		Options: []command.Option{{Names: "-u", Help: "print at once what is read, as it always does"}},
	}
}

func cat(ctx context.Context, c *call) error {
	return c.eachInput(ctx, c.Args, func(_ string, r io.Reader) error {
		_, err := io.CopyBuffer(struct{ io.Writer }{c.out}, r, make([]byte, 64<<10))
		return err
	})
}

func teeCommand() command.Command {
	return command.Command{
		Name: "tee", Summary: "copy standard input to files and to standard output", Operands: "[FILE…]", Run: tool(tee),
		Options: []command.Option{{Names: "-a, --append", Help: "add to the files, and keep what they hold"}},
	}
}

func tee(_ context.Context, c *call) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if c.Flag("append") {
		flags = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	var files []*os.File
	for _, name := range c.Args {
		f, err := os.OpenFile(c.Path(name), flags, 0o666)
		if err != nil {
			c.fail(err)
			continue
		}
		files = append(files, f)
	}
	err := c.copyToAll(files)
	for _, f := range files {
		err = errors.Join(err, f.Close())
	}
	return err
}

// copyToAll drops a file that can't be written, and goes on with the others.
func (c *call) copyToAll(files []*os.File) error {
	buffer := make([]byte, 64<<10)
	broken := make([]bool, len(files))
	for {
		n, err := c.Stdin.Read(buffer)
		if n > 0 {
			c.out.Write(buffer[:n])
			for i, f := range files {
				if broken[i] {
					continue
				}
				if _, err := f.Write(buffer[:n]); err != nil {
					c.fail(err)
					broken[i] = true
				}
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
