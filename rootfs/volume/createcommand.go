package volume

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"bootrc/kit/command"
	"bootrc/rootfs/disk/fscrypt"
)

func (c *invocation) create() error {
	f := c.flags()
	ignore := f.Bool("ignore", false, "")
	expiration := f.String("expiration", "", "")
	labels := f.StringToStringP("label", "l", nil, "")
	keyFile := f.String("fscrypt-key", "", "")
	o := Options{}
	f.BoolVar(&o.ResetKey, "fscrypt-reset-key", false, "")
	names, err := c.parseFlags(f, 1, 1)
	if err != nil {
		return err
	}
	o.Labels = *labels
	if o.Expiration, err = c.readExpiration(*expiration); err != nil {
		return err
	}
	if *keyFile != "" {
		if o.Key, err = c.readKey(*keyFile); err != nil {
			return fmt.Errorf("volume %s: %w", names[0], err)
		}
	}
	s, err := c.open()
	if err != nil {
		return err
	}
	if !*ignore {
		return c.named(names[0], s.Create(names[0], o))
	}
	wiped, err := s.Prepare(names[0], o)
	if wiped {
		fmt.Fprintf(c.Stderr, "B2C_WARNING: volume %s had another key, or none: all that was in it is deleted\n", names[0])
	}
	return c.named(names[0], err)
}

// readExpiration leaves a volume as it was where the clock has stopped: a date in 1970
// would have it removed as soon as a clock is right.
func (c *invocation) readExpiration(text string) (*Expiration, error) {
	if text == "" {
		return nil, nil
	}
	e, err := ParseExpiration(text, time.Now())
	if errors.Is(err, ErrNoClock) {
		fmt.Fprintf(c.Stderr, "B2C_WARNING: %v, so it is ignored\n", err)
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
