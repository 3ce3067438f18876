package run

import (
	"bufio"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Lines is a script in a file.
type Lines struct {
	sh *Shell
	r  *bufio.Reader
}

// NewLines reads a script from a file, or another reader.
func (sh *Shell) NewLines(r io.Reader) *Lines { return &Lines{sh, bufio.NewReader(r)} }

// Line is syntax.Source's.
func (l *Lines) Line(bool) (string, error) {
	line, err := l.r.ReadString('\n')
	l.sh.echoInput(line)
	return line, err
}

// echoInput prints what is read, as set -v asks for.
func (sh *Shell) echoInput(line string) {
	if sh.options.on['v'] {
		sh.fds.get(2).Write([]byte(line))
	}
}

// Input is a script in the shell's own input, which commands in the script read from,
// too: it takes no more of it than the line. With prompts, it asks for each.
type Input struct {
	sh      *Shell
	Prompts bool
}

// NewInput reads a script from the shell's input.
func (sh *Shell) NewInput(prompts bool) *Input { return &Input{sh, prompts} }

// Line is syntax.Source's.
func (in *Input) Line(more bool) (string, error) {
	sh := in.sh
	if in.Prompts {
		sh.tellJobs()
		sh.fds.get(2).Write([]byte(sh.promptText(more)))
	}
	f := sh.fds.get(0)
	if f == nil || f.os == nil {
		return "", io.EOF
	}
	line, err := readLine(f.os)
	sh.echoInput(line)
	return line, err
}

func (sh *Shell) promptText(more bool) string {
	name := "PS1"
	if more {
		name = "PS2"
	}
	text, _ := sh.Get(name)
	return sh.expandPrompt(text)
}

// readLine takes a line and no more from a file: byte by byte, unless it can go back.
func readLine(f *os.File) (string, error) {
	if _, err := unix.Seek(int(f.Fd()), 0, io.SeekCurrent); err == nil {
		return readLineAndGoBack(f)
	}
	var line strings.Builder
	one := make([]byte, 1)
	for {
		n, err := f.Read(one)
		if n > 0 {
			line.WriteByte(one[0])
			if one[0] == '\n' {
				return line.String(), nil
			}
		}
		if err != nil {
			return line.String(), err
		}
	}
}

func readLineAndGoBack(f *os.File) (string, error) {
	var line strings.Builder
	block := make([]byte, 512)
	for {
		n, err := f.Read(block)
		if i := strings.IndexByte(string(block[:n]), '\n'); i >= 0 {
			line.Write(block[:i+1])
			_, err := f.Seek(int64(i+1-n), io.SeekCurrent)
			return line.String(), err
		}
		line.Write(block[:n])
		if err != nil {
			return line.String(), err
		}
	}
}
