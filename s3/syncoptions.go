package s3

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"bootrc/s3/mirror"

	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"
)

// syncOptions are s3sync's, as they were written.
type syncOptions struct {
	mirror.Options
	connection connectionOptions
	encryption encryptionOptions
	newerThan  string
	olderThan  string
	watch      bool
	json       bool
	quiet      bool
}

func (o *syncOptions) define(flags *pflag.FlagSet) {
	flags.BoolVar(&o.Overwrite, "overwrite", false, "")
	flags.BoolVar(&o.Remove, "remove", false, "")
	flags.BoolVarP(&o.Preserve, "preserve", "a", false, "")
	flags.BoolVar(&o.Checksum, "checksum", false, "")
	flags.BoolVar(&o.DryRun, "dry-run", false, "")
	flags.StringArrayVar(&o.Filter.Exclude, "exclude", nil, "")
	flags.StringArrayVar(&o.Filter.Include, "include", nil, "")
	flags.StringVar(&o.newerThan, "newer-than", "", "")
	flags.StringVar(&o.olderThan, "older-than", "", "")
	flags.BoolVarP(&o.watch, "watch", "w", false, "")
	flags.BoolVar(&o.json, "json", false, "")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "")
	flags.IntVar(&o.Concurrency, "concurrency", defaultConcurrency(), "")
	o.connection.define(flags)
	o.encryption.define(flags)
}

// defaultConcurrency is by the memory of the machine: each connection has about
// 1.5 MB of buffers.
func defaultConcurrency() int {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) == nil && uint64(info.Totalram)*uint64(info.Unit) < 512<<20 {
		return 16
	}
	return 32
}

func (o *syncOptions) complete() error {
	if o.Concurrency < 1 {
		return fmt.Errorf("--concurrency %d: at least one is needed", o.Concurrency)
	}
	o.connection.connections = o.Concurrency
	isEmpty := func(pattern string) bool { return pattern == "" } // as templates leave them
	o.Filter.Exclude = slices.DeleteFunc(o.Filter.Exclude, isEmpty)
	o.Filter.Include = slices.DeleteFunc(o.Filter.Include, isEmpty)
	now := time.Now()
	for _, t := range []struct {
		name, text string
		to         *time.Time
	}{{"newer-than", o.newerThan, &o.Filter.NewerThan}, {"older-than", o.olderThan, &o.Filter.OlderThan}} {
		if t.text == "" {
			continue
		}
		age, err := parseAge(t.text)
		if err != nil {
			return fmt.Errorf("--%s: %w", t.name, err)
		}
		*t.to = now.Add(-age)
	}
	return o.connection.complete()
}

// parseAge reads a duration as mc has it: 7d10h30m.
func parseAge(text string) (time.Duration, error) {
	days, rest, ok := strings.Cut(text, "d")
	if !ok {
		days, rest = "0", text
	}
	n, err := strconv.ParseUint(days, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%q is no age: 7d10h30m is one", text)
	}
	age := time.Duration(n) * 24 * time.Hour
	if ok && rest == "" {
		return age, nil
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is no age: 7d10h30m is one", text)
	}
	return age + d, nil
}
