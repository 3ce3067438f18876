package builtin

import (
	"errors"
	"io"
	"strings"

	"bootrc/sh/syntax"
	"bootrc/sh/word"
)

// Read is `read [-r] [-d DELIMITER] [-p PROMPT] NAME…` (XCU, read). It takes no more from
// in than the line: byte by byte, unless in can seek. A prompt is written to messages if
// prompts is true: where a person types. ended tells that the input ended before the
// line did, which is status 1; what there was is assigned all the same.
func Read(v Variables, args []string, in io.Reader, messages io.Writer, prompts bool) (ended bool, err error) {
	o, err := parseRead(args)
	if err != nil {
		return false, err
	}
	if o.prompt != "" && prompts {
		io.WriteString(messages, o.prompt)
	}
	line, ended, err := o.line(in)
	if err != nil {
		return true, err
	}
	ifs, set := v.Variable("IFS")
	if !set {
		ifs = " \t\n"
	}
	fields := word.SplitLine(line.text.String(), line.literal, ifs, len(o.names))
	for i, name := range o.names {
		value := ""
		if i < len(fields) {
			value = fields[i]
		}
		if err := v.Assign(name, value); err != nil {
			return ended, err
		}
	}
	return ended, nil
}

type readOptions struct {
	raw       bool
	delimiter byte
	prompt    string
	names     []string
}

func parseRead(args []string) (readOptions, error) {
	o := readOptions{delimiter: '\n'}
	args, err := options(args, "rd:p:", func(letter byte, value string) {
		switch letter {
		case 'r':
			o.raw = true
		case 'd':
			o.delimiter = (value + "\x00")[0]
		case 'p':
			o.prompt = value
		}
	})
	if err == nil && len(args) == 0 {
		err = usagef("the name of a variable is missing")
	}
	for _, name := range args {
		if !syntax.IsName(name) {
			return o, usagef("%q is no name of a variable", name)
		}
	}
	o.names = args
	return o, err
}

// options reads a builtin's options, and returns its operands.
func options(args []string, known string, set func(letter byte, value string)) ([]string, error) {
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		arg := args[0][1:]
		args = args[1:]
		if arg == "-" {
			break
		}
		for arg != "" {
			letter := arg[0]
			arg = arg[1:]
			i := strings.IndexByte(known, letter)
			switch {
			case i < 0 || letter == ':':
				return nil, usagef("-%c is no option", letter)
			case !strings.HasPrefix(known[i+1:], ":"):
				set(letter, "")
				continue
			case arg == "" && len(args) == 0:
				return nil, usagef("-%c lacks its value", letter)
			case arg == "":
				arg, args = args[0], args[1:]
			}
			set(letter, arg)
			arg = ""
		}
	}
	return args, nil
}

// inputLine is a line without its delimiter, and which of its bytes stood behind a backslash.
type inputLine struct {
	text    strings.Builder
	literal []bool
}

func (l *inputLine) add(c byte, literal bool) {
	if c == 0 {
		return // no variable can hold one
	}
	l.text.WriteByte(c)
	l.literal = append(l.literal, literal)
}

func (o readOptions) line(in io.Reader) (line *inputLine, ended bool, err error) {
	line = new(inputLine)
	source := newSource(in)
	defer source.giveBack()
	escaped := false
	for {
		c, err := source.next()
		switch {
		case err == io.EOF:
			return line, true, nil
		case err != nil:
			return line, true, err
		case escaped:
			escaped = false
			if c != '\n' {
				line.add(c, true)
			}
		case c == '\\' && !o.raw:
			escaped = true
		case c == o.delimiter:
			return line, false, nil
		default:
			line.add(c, false)
		}
	}
}

// source gives bytes, and gives back those that were read too many.
type source struct {
	in     io.Reader
	seeker io.Seeker // nil: each byte is read alone
	buffer []byte
	unread []byte
}

func newSource(in io.Reader) *source {
	s := &source{in: in, buffer: make([]byte, 1)}
	if seeker, ok := in.(io.Seeker); ok {
		if _, err := seeker.Seek(0, io.SeekCurrent); err == nil {
			s.seeker, s.buffer = seeker, make([]byte, 512)
		}
	}
	return s
}

func (s *source) next() (byte, error) {
	for len(s.unread) == 0 {
		n, err := s.in.Read(s.buffer)
		s.unread = s.buffer[:n]
		if n == 0 && err != nil {
			if !errors.Is(err, io.EOF) {
				return 0, err
			}
			return 0, io.EOF
		}
	}
	c := s.unread[0]
	s.unread = s.unread[1:]
	return c, nil
}

func (s *source) giveBack() {
	if s.seeker != nil && len(s.unread) > 0 {
		s.seeker.Seek(-int64(len(s.unread)), io.SeekCurrent)
	}
}
