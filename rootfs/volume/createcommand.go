package volume

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"bootrc/kit/command"
	"bootrc/rootfs/disk/fscrypt"
)

func createCommand() command.Command {
	return command.Command{
		Name: "create", Summary: "make a volume and print its name", Operands: "NAME",
		Options: []command.Option{
			{Names: "--ignore", Help: "keep a volume that exists, with the options given here"},
			{Names: "--expiration", Value: "WHEN", Help: "remove it then: never, pipeline_end, a time after now such as +7d, +12h or +30m, or a date"},
			{Names: "-l, --label", Value: "NAME=VALUE", Kind: command.List, Check: checkLabel, Help: "give it this label"},
			{Names: "--fscrypt-key", Value: "FILE|-", Help: "encrypt it with the key that FILE or standard input holds, in base64"},
			{Names: "--fscrypt-reset-key", Help: "delete what is in it where it has another key, or none"},
		},
	}
}

func checkLabel(text string) error {
	if !strings.Contains(text, "=") {
		return fmt.Errorf("expected NAME=VALUE, got %q", text)
	}
	return nil
}

func (c *invocation) create() error {
	name := c.Args[0]
	o, err := c.createOptions()
	if err != nil {
		return err
	}
	s, err := c.open()
	if err != nil {
		return err
	}
	if !c.Flag("ignore") {
		return c.named(name, s.Create(name, o))
	}
	_, before := s.metadata(name)
	wiped, err := s.Prepare(name, o)
	if errors.Is(before, ErrDamaged) && err == nil {
		c.Caution(before.Error() + ": when it expires, and its labels, are as given now")
	}
	if wiped {
		c.Caution("volume " + name + " had another key, or none: all that was in it is deleted")
	}
	return c.named(name, err)
}

func (c *invocation) createOptions() (Options, error) {
	o := Options{ResetKey: c.Flag("fscrypt-reset-key"), Labels: map[string]string{}}
	for _, label := range c.List("label") {
		name, value, _ := strings.Cut(label, "=")
		o.Labels[name] = value
	}
	var err error
	if o.Expiration, err = c.readExpiration(c.Text("expiration")); err != nil {
		return o, err
	}
	if file := c.Text("fscrypt-key"); file != "" {
		if o.Key, err = c.readKey(file); err != nil {
			return o, fmt.Errorf("volume %s: %w", c.Args[0], err)
		}
	}
	return o, nil
}

// readExpiration leaves a volume as it was where the clock has stopped: a date in 1970
// would have it removed as soon as a clock is right.
func (c *invocation) readExpiration(text string) (*Expiration, error) {
	if text == "" {
		return nil, nil
	}
	e, err := ParseExpiration(text, time.Now())
	if errors.Is(err, ErrNoClock) {
		c.Caution(err.Error() + ", so it is ignored")
		return nil, nil
	}
	if err != nil {
		return nil, &command.UsageError{Err: err}
	}
	return &e, nil
}

// readKey reads a key from a file, or from the standard input.
func (c *invocation) readKey(file string) (fscrypt.Key, error) {
	const limit = 4096
	input := c.Stdin
	if file != "-" {
		f, err := os.Open(c.Path(file))
		if err != nil {
			return nil, err
		}
		defer f.Close()
		input = f
	}
	text, err := io.ReadAll(io.LimitReader(input, limit))
	if err != nil {
		return nil, err
	}
	return fscrypt.ParseKey(string(text))
}
