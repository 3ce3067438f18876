package tools

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"bootrc/kit/command"

	"github.com/spf13/pflag"
)

// options is how every tool here reads its options: pflag's rules, so that -rf,
// -n5, -n 5, --lines=5 and -- mean what they do elsewhere.
type options struct{ *pflag.FlagSet }

func newOptions() options {
	set := pflag.NewFlagSet("", pflag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.Usage = func() {}
	return options{set}
}

// operandsLast ends the options at the first operand, for a tool whose operands
// are another command's line.
func (o options) operandsLast() options {
	o.SetInterspersed(false)
	return o
}

// flag declares an option that is there or not, under each letter of letters.
func (o options) flag(letters, long string) *bool {
	value := new(bool)
	o.BoolVarP(value, long, letters[:1], false, "")
	for _, more := range letters[1:] {
		o.BoolVarP(value, long+"-"+string(more), string(more), false, "")
	}
	return value
}

// text declares an option with a value; letter may be "".
func (o options) text(letter, long, preset string) *string {
	return o.StringP(long, letter, preset, "")
}

// texts declares an option with a value that may be given several times.
func (o options) texts(letter, long string) *[]string {
	return o.StringArrayP(long, letter, nil, "")
}

// number declares an option whose value is a whole number from 0 on.
func (o options) number(letter, long string, preset int) *int {
	value := count(preset)
	o.VarP(&value, long, letter, "")
	return (*int)(&value)
}

// parse reads the call's options and returns its operands: at least least of
// them, and at most most unless that is negative.
func (o options) parse(args []string, least, most int) ([]string, error) {
	err := o.Parse(args)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return nil, command.Usagef("there is no option for help: `help` lists the commands")
	case err != nil:
		return nil, command.Usagef("%w", err)
	case o.NArg() < least:
		return nil, command.Usagef("%s missing", plural(least-o.NArg(), "operand"))
	case most >= 0 && o.NArg() > most:
		return nil, command.Usagef("one operand too many: %q", o.Arg(most))
	}
	return o.Args(), nil
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// count is a whole number from 0 on, as an option's value.
type count int

func (n *count) String() string { return strconv.Itoa(int(*n)) }
func (n *count) Type() string   { return "number" }

func (n *count) Set(s string) error {
	v, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		return errors.New("not a whole number from 0 on")
	}
	*n = count(v)
	return nil
}

// parseSize reads a number of bytes with an optional suffix: b is 512, k, M, G
// and T are powers of 1024, kB, MB, GB and TB powers of 1000, as dd(1) has them.
func parseSize(s string) (int64, error) {
	digits := strings.TrimRight(s, "bBkKMGT")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q is not a size: give a number of bytes, or one with k, M or G behind it", s)
	}
	suffix := s[len(digits):]
	scale := int64(1)
	switch base, unit := int64(1024), strings.TrimSuffix(suffix, "B"); {
	case suffix == "" || suffix == "B":
	case suffix == "b":
		scale = 512
	case len(unit) == 1 && strings.Contains("kKMGT", unit):
		if unit != suffix {
			base = 1000
		}
		for range strings.Index("kMGT", strings.ReplaceAll(unit, "K", "k")) + 1 {
			scale *= base
		}
	default:
		return 0, fmt.Errorf("%q is not a size: the suffix %q is unknown", s, suffix)
	}
	if n > 0 && scale > (1<<63-1)/n {
		return 0, fmt.Errorf("%q is too big a size", s)
	}
	return n * scale, nil
}

// humanSize is n bytes in the largest unit of 1024 that keeps it above 1, in at
// most three digits, rounded up, as `ls -h` has it.
func humanSize(n uint64) string {
	if n < 1024 {
		return strconv.FormatUint(n, 10)
	}
	unit, value := "", float64(n)
	for _, u := range "KMGTPE" {
		value /= 1024
		unit = string(u)
		if value < 999.5 || unit == "E" {
			break
		}
	}
	if value < 9.95 {
		return strconv.FormatFloat(ceil(value*10)/10, 'f', 1, 64) + unit
	}
	return strconv.FormatFloat(ceil(value), 'f', 0, 64) + unit
}

func ceil(v float64) float64 {
	whole := float64(uint64(v))
	if whole < v {
		whole++
	}
	return whole
}
