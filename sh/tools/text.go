package tools

import (
	"context"
	"errors"
	"io"
	"os"

	"bootrc/kit/command"
)

func textCommands() []command.Command {
	return []command.Command{
		catCommand(), teeCommand(), headCommand(), tailCommand(),
		define("grep", "[-EFchilnoqrsvwx] [-e] PATTERN [FILE…]", "print the lines that match a regular expression", grep),
		define("sort", "[-nru] [FILE…]", "print lines sorted", sortLines),
		define("uniq", "[-cdu] [FILE]", "drop lines equal to the one before", uniq),
		define("cut", "(-f LIST [-d CHAR] [-s] | -c LIST) [FILE…]", "print some fields or bytes of each line", cut),
		define("tr", "[-cds] SET1 [SET2]", "translate, delete or squeeze bytes", tr),
		define("wc", "[-lwc] [FILE…]", "count lines, words and bytes", wc),
		define("seq", "[FIRST [STEP]] LAST", "print whole numbers", seq),
		pagerCommand("less"), pagerCommand("more"),
		define("hexdump", "[-C] [-n BYTES] [-s SKIP] [FILE]", "print bytes in hexadecimal and as text", hexdump),
		define("base64", "[-d] [-w COLUMNS] [FILE]", "encode or decode base64", base64Command),
		define("md5sum", "[-c] [FILE…]", "print or check MD5 sums", md5sum),
		define("sha256sum", "[-c] [FILE…]", "print or check SHA-256 sums", sha256sum),
		define("sha512sum", "[-c] [FILE…]", "print or check SHA-512 sums", sha512sum),
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
