package container

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"bootrc/kit/inside"
	"bootrc/kit/regular"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// What execve(2) says of a program is told by nobody but the kernel, and then the container is
// at its end. So what could keep the kernel from running it is looked for before, while its
// files are there.

var (
	errNotFound      = errors.New("no such file or directory")
	errNotExecutable = errors.New("exec format error")
	errNotRun        = errors.New("the kernel does not run it, such as for arguments and variables that are too long")
)

// maxHead is how much of a program is looked at, in bytes. A script's first line ends there
// for the kernel, too (BINPRM_BUF_SIZE).
const maxHead = 256

// whyNotRun returns what could keep the kernel from running a process's program; nil where
// that is unknown. root is the folder that the process has as its root.
func whyNotRun(root string, p *specs.Process) error {
	tree, err := inside.Open(root)
	if err != nil {
		return nil
	}
	defer tree.Close()
	name := findProgram(tree, p)
	file, err := regular.OpenIn(tree, name)
	if err != nil {
		return nil
	}
	defer file.Close()
	head := make([]byte, maxHead)
	n, err := file.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil
	}
	switch head = head[:n]; {
	case bytes.HasPrefix(head, []byte("#!")):
		return checkInterpreter(tree, p.Cwd, head)
	case bytes.HasPrefix(head, []byte(elf.ELFMAG)):
		return checkELF(tree, file, head)
	}
	return fmt.Errorf("it is neither a program nor a script, whose first line is #! and an interpreter: %w", errNotExecutable)
}

// findProgram finds it as execvp(3) does.
func findProgram(tree *inside.Folder, p *specs.Process) string {
	name := p.Args[0]
	if strings.Contains(name, "/") {
		return under(p.Cwd, name)
	}
	for _, variable := range p.Env {
		folders, ok := strings.CutPrefix(variable, "PATH=")
		if !ok {
			continue
		}
		for folder := range strings.SplitSeq(folders, ":") {
			file := under(p.Cwd, path.Join(folder, name))
			if info, err := tree.Stat(file); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
				return file
			}
		}
	}
	return name
}

func under(folder, name string) string {
	if path.IsAbs(name) {
		return name
	}
	return path.Join(folder, name)
}

func checkInterpreter(tree *inside.Folder, cwd string, head []byte) error {
	line, _, _ := bytes.Cut(head[2:], []byte("\n"))
	words := strings.FieldsFunc(string(line), func(r rune) bool { return r == ' ' || r == '\t' })
	if len(words) == 0 {
		return fmt.Errorf("its first line names no interpreter: %w", errNotExecutable)
	}
	if _, err := tree.Stat(under(cwd, words[0])); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if strings.HasSuffix(words[0], "\r") {
		return fmt.Errorf("its interpreter %q is not in the container, because the script's lines end as on Windows: %w", words[0], errNotFound)
	}
	return fmt.Errorf("its interpreter %q is not in the container: %w", words[0], errNotFound)
}

// checkELF looks for what the image lacks of a program: its loader, or another machine.
func checkELF(tree *inside.Folder, file io.ReaderAt, head []byte) error {
	f, err := readELF(file, head)
	if err != nil {
		return fmt.Errorf("it is broken: %w", errNotExecutable)
	}
	if own := ownMachine(); f.machine != own && own != elf.EM_NONE {
		return fmt.Errorf("it is for %s, and this machine is %s: %w", machineName(f.machine), machineName(own), errNotExecutable)
	}
	if f.loader == "" {
		return nil
	}
	if _, err := tree.Stat(f.loader); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("its loader %q is not in the container: %w", f.loader, errNotFound)
	}
	return nil
}

// program is what the kernel reads of an ELF file.
type program struct {
	machine elf.Machine
	loader  string // "": it needs none
}

// readELF reads no more than that: debug/elf would read all sections.
func readELF(file io.ReaderAt, head []byte) (p program, err error) {
	if len(head) < 64 {
		return p, io.ErrUnexpectedEOF
	}
	var order binary.ByteOrder = binary.LittleEndian
	if elf.Data(head[elf.EI_DATA]) == elf.ELFDATA2MSB {
		order = binary.BigEndian
	}
	p.machine = elf.Machine(order.Uint16(head[18:]))
	at, size, count := int64(order.Uint32(head[28:])), int64(order.Uint16(head[42:])), int(order.Uint16(head[44:]))
	wide := elf.Class(head[elf.EI_CLASS]) == elf.ELFCLASS64
	if wide {
		at, size, count = int64(order.Uint64(head[32:])), int64(order.Uint16(head[54:])), int(order.Uint16(head[56:]))
	}
	for range count {
		segment := make([]byte, 56)
		if _, err := file.ReadAt(segment, at); err != nil && err != io.EOF {
			return p, err
		}
		at += size
		if elf.ProgType(order.Uint32(segment)) != elf.PT_INTERP {
			continue
		}
		offset, length := int64(order.Uint32(segment[4:])), int64(order.Uint32(segment[16:]))
		if wide {
			offset, length = int64(order.Uint64(segment[8:])), int64(order.Uint64(segment[32:]))
		}
		name := make([]byte, min(max(length, 0), 4096))
		if _, err := file.ReadAt(name, offset); err != nil && err != io.EOF {
			return p, err
		}
		p.loader = string(bytes.TrimRight(name, "\x00"))
	}
	return p, nil
}
