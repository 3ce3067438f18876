package builtin

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"bootrc/kit/command"
)

// maxWidth bounds what one conversion may write.
const maxWidth = 1 << 20

// printing is one call of printf (XCU, printf).
type printing struct {
	call   *command.Call
	out    []byte
	args   []string
	used   bool // an argument was taken
	failed bool // an argument was no number
	stop   bool // %b met \c
}

// Printf is printf (XCU, printf).
func Printf(_ context.Context, call *command.Call) error {
	args := call.Args
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return command.Usagef("the format is missing")
	}
	p := printing{call: call, args: args[1:]}
	err := p.format(args[0])
	for err == nil && !p.stop && p.used && len(p.args) > 0 {
		err = p.format(args[0])
	}
	if _, failed := call.Stdout.Write(p.out); failed != nil {
		return failed
	}
	if err == nil && p.failed {
		return command.Status(1)
	}
	return err
}

// format goes over the format once.
func (p *printing) format(format string) error {
	for i := 0; i < len(format) && !p.stop; {
		switch format[i] {
		case '\\':
			c, width := Escape(format[i:], false)
			if width == 0 {
				c, width = '\\', 1
			}
			p.out = append(p.out, c)
			i += width
		case '%':
			width, err := p.conversion(format[i:])
			if err != nil {
				return err
			}
			i += width
		default:
			p.out = append(p.out, format[i])
			i++
		}
	}
	return nil
}

// specification is what stands between a % and its letter.
type specification struct {
	flags            string
	width, precision int // precision is -1 if there is none
}

// conversion carries out the conversion that text begins with, and returns its width.
func (p *printing) conversion(text string) (int, error) {
	if strings.HasPrefix(text, "%%") {
		p.out = append(p.out, '%')
		return 2, nil
	}
	i := 1
	for i < len(text) && strings.IndexByte("-+ #0", text[i]) >= 0 {
		i++
	}
	spec := specification{flags: text[1:i], precision: -1}
	spec.width = p.count(text, &i)
	if spec.width < 0 {
		spec.flags, spec.width = spec.flags+"-", -spec.width
	}
	if i < len(text) && text[i] == '.' {
		i++
		spec.precision = max(p.count(text, &i), -1)
	}
	switch {
	case i == len(text):
		return 0, command.Usagef("format %q: a conversion's letter is missing", text)
	case spec.width > maxWidth || spec.precision > maxWidth:
		return 0, command.Usagef("format %q: no more than %d characters can be asked for", text[:i+1], maxWidth)
	}
	converted, ok := p.convert(spec, text[i])
	if !ok {
		return 0, command.Usagef("format %q: there is no such conversion", text[:i+1])
	}
	p.out = append(p.out, converted...)
	return i + 1, nil
}

// count reads a width or a precision: a number, or * for that of the next argument.
func (p *printing) count(text string, i *int) int {
	if *i < len(text) && text[*i] == '*' {
		*i++
		return int(max(min(p.signed(), maxWidth+1), -maxWidth-1))
	}
	n := 0
	for ; *i < len(text) && '0' <= text[*i] && text[*i] <= '9'; *i++ {
		n = min(n*10+int(text[*i]-'0'), maxWidth+1)
	}
	return n
}

func (p *printing) convert(spec specification, letter byte) (string, bool) {
	switch letter {
	case 's':
		return spec.text(p.next()), true
	case 'b':
		text, stop := unescape(p.next(), true)
		p.stop = stop
		return spec.text(text), true
	case 'c':
		text := p.next() + "\x00"
		spec.precision = -1
		return spec.text(text[:1]), true
	case 'd', 'i':
		return spec.number("d", p.signed()), true
	case 'u', 'o', 'x', 'X':
		n := uint64(p.unsigned())
		spec.flags = strings.NewReplacer("+", "", " ", "").Replace(spec.flags)
		if n == 0 {
			spec.flags = strings.ReplaceAll(spec.flags, "#", "")
		}
		return spec.number(strings.Replace(string(letter), "u", "d", 1), n), true
	case 'a', 'A', 'e', 'E', 'f', 'F', 'g', 'G':
		return spec.float(letter, p.float()), true
	}
	return "", false
}

// text pads a text to the width, cut to the precision: in bytes.
func (s specification) text(text string) string {
	if s.precision >= 0 && s.precision < len(text) {
		text = text[:s.precision]
	}
	return s.pad(text)
}

func (s specification) pad(text string) string {
	space := strings.Repeat(" ", max(s.width-len(text), 0))
	if strings.Contains(s.flags, "-") {
		return text + space
	}
	return space + text
}

// number writes a number as package fmt does, which here is as C does.
func (s specification) number(verb string, n any) string {
	if s.precision >= 0 {
		return fmt.Sprintf("%"+s.flags+"*.*"+verb, s.width, s.precision, n)
	}
	return fmt.Sprintf("%"+s.flags+"*"+verb, s.width, n)
}

func (s specification) float(letter byte, f float64) string {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		text := strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%"+strings.NewReplacer("0", "", "#", "").Replace(s.flags)+"f", f), "+"))
		if f > 0 && strings.Contains(s.flags, "+") {
			text = "+" + text
		}
		if letter < 'a' {
			text = strings.ToUpper(text)
		}
		return s.pad(text)
	}
	switch letter {
	case 'a', 'A':
		text := strconv.FormatFloat(f, letter+'x'-'a', s.precision, 64)
		mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "p")
		if len(exponent) == 3 && exponent[1] == '0' {
			exponent = exponent[:1] + exponent[2:]
		}
		if text = mantissa + "p" + exponent; letter == 'A' {
			text = strings.ToUpper(text)
		}
		return s.pad(text)
	case 'F':
		letter = 'f'
	}
	if s.precision < 0 {
		s.precision = 6
	}
	if s.precision == 0 && letter|0x20 == 'g' {
		s.precision = 1
	}
	return s.number(string(letter), f)
}

// next takes the next argument, "" behind the last.
func (p *printing) next() string {
	p.used = true
	if len(p.args) == 0 {
		return ""
	}
	arg := p.args[0]
	p.args = p.args[1:]
	return arg
}

// complain says what is wrong with a numeric argument; its conversion goes on.
func (p *printing) complain(arg, problem string) {
	p.failed = true
	fmt.Fprintf(p.call.Stderr, "%s: %q %s\n", p.call.Name, arg, problem)
}

// character returns the number of the character in an argument 'c or "c.
func character(arg string) (int64, bool) {
	if len(arg) < 1 || arg[0] != '\'' && arg[0] != '"' {
		return 0, false
	}
	return int64((arg + "\x00")[1]), true
}

func (p *printing) signed() int64 {
	return integer(p, math.MinInt64, math.MaxInt64)
}

func (p *printing) unsigned() int64 {
	return integer(p, math.MinInt64, math.MaxUint64)
}

// integer takes an argument that is an integer constant of C, with an optional sign.
// One that does not fit becomes the nearest that does.
func integer(p *printing, least int64, most uint64) int64 {
	arg := p.next()
	if c, ok := character(arg); ok || arg == "" {
		return c
	}
	text := strings.TrimLeft(arg, " \t\n\v\f\r")
	negative := strings.HasPrefix(text, "-")
	if negative || strings.HasPrefix(text, "+") {
		text = text[1:]
	}
	base, digits := 10, text
	if len(text) > 1 && text[0] == '0' {
		base = 8
		if len(text) > 2 && text[1]|0x20 == 'x' && strings.IndexByte("0123456789abcdefABCDEF", text[2]) >= 0 {
			base, digits = 16, text[2:]
		}
	}
	width := prefix(digits, base)
	switch {
	case width == 0:
		p.complain(arg, "is no number")
		return 0
	case width < len(digits):
		p.complain(arg, fmt.Sprintf("is a number only up to %q", digits[width:]))
	}
	n, err := strconv.ParseUint(digits[:width], base, 64)
	switch {
	case negative && (err != nil || n > 1<<63):
		p.complain(arg, "is too small")
		return least
	case negative:
		return -int64(n)
	case err != nil || n > most:
		p.complain(arg, "is too large")
		return int64(most)
	}
	return int64(n)
}

// prefix returns how many digits of the base text begins with.
func prefix(text string, base int) int {
	const digits = "0123456789abcdef"
	n := 0
	for n < len(text) && strings.IndexByte(digits[:base], text[n]|text[n]>>1&0x20) >= 0 {
		n++
	}
	return n
}

// float takes an argument that is a floating constant.
func (p *printing) float() float64 {
	arg := p.next()
	if c, ok := character(arg); ok || arg == "" {
		return float64(c)
	}
	text := strings.TrimLeft(arg, " \t\n\v\f\r")
	for width := min(len(text), 400); width > 0; width-- {
		if strings.IndexByte(text[:width], '_') >= 0 {
			continue
		}
		f, err := parseFloat(text[:width])
		if err != nil {
			continue
		}
		if width < len(text) {
			p.complain(arg, fmt.Sprintf("is a number only up to %q", text[width:]))
		}
		return f
	}
	p.complain(arg, "is no number")
	return 0
}

// parseFloat reads a floating constant; a hexadecimal one may lack its exponent.
func parseFloat(text string) (float64, error) {
	if f, err := strconv.ParseFloat(text, 64); err == nil || math.IsInf(f, 0) {
		return f, nil
	}
	return strconv.ParseFloat(text+"p0", 64)
}
