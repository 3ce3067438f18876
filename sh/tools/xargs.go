package tools

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"

	"bootrc/kit/command"
)

// maxBatch is the most bytes of arguments that one command line of xargs gets.
const maxBatch = 128 << 10

// batch collects words into command lines. Its status is xargs' own: 123 if a
// command failed, 124 if one exited with 255, 126 or 127 if one can't be run.
type batch struct {
	c      *call
	line   []string // what each command line starts with, nil to print the words
	most   int      // words a command line, 0 for no limit
	mark   string   // replaced by the one word, "" to append instead
	words  []string
	bytes  int
	ran    bool
	status command.Status
}

func xargsCommand() command.Command {
	return command.Command{
		Name: "xargs", Summary: "run a command with the words of standard input as arguments",
		Operands: "[COMMAND] [ARGUMENT…]", Forms: []string{"[-0r] [-n COUNT] [-I MARK] [COMMAND [ARGUMENT…]]"},
		Text: "Without COMMAND, xargs prints the words.",
		Options: []command.Option{
			{Names: "-0, --null", Help: "read words that end in a zero byte, as find -print0 writes them"},
			{Names: "-r, --no-run-if-empty", Help: "run nothing where there are no words"},
			{Names: "-n, --max-args", Value: "COUNT", Kind: command.Count, Help: "give each command that many words at most"},
			{Names: "-I, --replace", Value: "MARK", Help: "run the command for each line, with the line instead of each MARK in ARGUMENTs"},
		},
		Statuses: []string{"123: a command failed", "124: one ended with status 255", "126, 127: one could not be run"},
		Examples: []string{"find . -name '*.o' -print0 | xargs -0 rm"},

		OptionsFirst: true,
		Run:          tool(xargs),
	}
}

func xargs(ctx context.Context, c *call) error {
	b := &batch{c: c, line: c.Args, most: c.Count("max-args"), mark: c.Text("replace")}
	words := scanWords
	switch {
	case c.Flag("null"):
		words = scanUntil(0)
	case b.mark != "":
		words = scanUntil('\n')
	}
	if err := b.read(ctx, c.Stdin, words); err != nil {
		return err
	}
	if len(b.words) > 0 || !b.ran && !c.Flag("no-run-if-empty") && b.mark == "" {
		if err := b.flush(ctx); err != nil {
			return err
		}
	}
	return statusError(b.status, nil)
}

func (b *batch) read(ctx context.Context, r io.Reader, split bufio.SplitFunc) error {
	// nothing the commands run may take from the words
	own := *b.c.caller
	own.Stdin = strings.NewReader("")
	b.c.caller = &own

	s := bufio.NewScanner(r)
	s.Buffer(nil, maxLine)
	s.Split(split)
	for s.Scan() {
		if err := b.add(ctx, s.Text()); err != nil {
			return err
		}
	}
	return s.Err()
}

func (b *batch) add(ctx context.Context, word string) error {
	if len(b.words) > 0 && b.bytes+len(word) > maxBatch {
		if err := b.flush(ctx); err != nil {
			return err
		}
	}
	b.words = append(b.words, word)
	b.bytes += len(word) + 1
	if b.mark != "" || len(b.words) == b.most {
		return b.flush(ctx)
	}
	return nil
}

func (b *batch) flush(ctx context.Context) error {
	line := append(append([]string(nil), b.line...), b.words...)
	if b.mark != "" {
		line = line[:len(b.line)]
		for i := range line {
			line[i] = strings.ReplaceAll(line[i], b.mark, strings.TrimLeft(b.words[0], " \t"))
		}
	}
	b.words, b.bytes, b.ran = nil, 0, true
	if len(b.line) == 0 {
		b.c.Printf("%s\n", strings.Join(line, " "))
		return b.c.outputError()
	}
	status, err := b.c.run(ctx, line, b.c.Env)
	switch {
	case err != nil:
		return err
	case status == 126 || status == 127:
		return status
	case status == 255:
		return command.Status(124)
	case status != 0:
		b.status = 123
	}
	return nil
}

func scanUntil(end byte) bufio.SplitFunc {
	return func(data []byte, atEOF bool) (int, []byte, error) {
		for i, b := range data {
			if b == end {
				return i + 1, data[:i], nil
			}
		}
		if atEOF && len(data) > 0 {
			return len(data), data, nil
		}
		return 0, nil, nil
	}
}

// scanWords splits at blanks and newlines, except where quotes or a backslash
// keep them (XCU, xargs, "Description").
func scanWords(data []byte, atEOF bool) (int, []byte, error) {
	start := 0
	for start < len(data) && strings.IndexByte(" \t\n", data[start]) >= 0 {
		start++
	}
	var word []byte
	var quote byte
	for i := start; i < len(data); i++ {
		b := data[i]
		switch {
		case quote != 0 && b == '\n':
			return 0, nil, errors.New("a quote is not closed: use -0 for names with quotes in them")
		case quote == b && quote != 0:
			quote = 0
		case quote != 0:
			word = append(word, b)
		case b == '\'' || b == '"':
			quote = b
		case b == '\\' && i+1 < len(data):
			i++
			word = append(word, data[i])
		case b == '\\' && !atEOF:
			return start, nil, nil
		case b == ' ' || b == '\t' || b == '\n':
			return i + 1, emptyNotNil(word), nil
		default:
			word = append(word, b)
		}
	}
	switch {
	case !atEOF || start == len(data):
		return start, nil, nil
	case quote != 0:
		return 0, nil, errors.New("a quote is not closed: use -0 for names with quotes in them")
	}
	return len(data), emptyNotNil(word), nil
}

func emptyNotNil(word []byte) []byte {
	if word == nil {
		return []byte{}
	}
	return word
}

// end runs what is left over; a command that failed makes the call fail.
func (b *batch) end(ctx context.Context) error {
	if len(b.words) > 0 {
		if err := b.flush(ctx); err != nil {
			return err
		}
	}
	if b.status != 0 {
		b.c.failed = true
	}
	return nil
}
