package test

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"bootrc/kmod"
	"bootrc/test/machine"
)

// addLoopingModule puts a module of the kernel into the initramfs, as /NAME.ko, whose
// initialisation never ends: it keeps its processor in the kernel, where no signal reaches it.
func (s *scenario) addLoopingModule(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: looping MODULE")
	}
	kernel, err := machine.DebianKernel("amd64", s.kernel)
	if err != nil {
		return err
	}
	found, err := findModule(kernel.Modules, args[0])
	if err != nil {
		return err
	}
	image, err := kmod.ReadFile(found)
	if err == nil {
		image, err = loopInInit(image)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", found, err)
	}
	file := filepath.Join(s.dir, "root", args[0]+".ko")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, image, 0o644)
}

func findModule(folder, name string) (file string, err error) {
	err = filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		if base := filepath.Base(path); base == name+".ko" || base == name+".ko.xz" {
			file = path
			return filepath.SkipAll
		}
		return err
	})
	if err == nil && file == "" {
		err = fmt.Errorf("no module %s is in %s", name, folder)
	}
	return file, err
}

// signature is what the kernel finds at the end of a module that is signed. A module without
// one is loaded, one with a wrong one is not.
const signature = "~Module signature appended~\n"

// loop is x86's jmp to itself.
var loop = []byte{0xeb, 0xfe}

// loopInInit has init_module loop, behind what the kernel patches at a function's
// beginning: endbr64 and the call for its tracer.
func loopInInit(image []byte) ([]byte, error) {
	image = bytes.TrimSuffix(image, []byte(signature))
	file, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return nil, err
	}
	symbols, err := file.Symbols()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(symbols, func(s elf.Symbol) bool { return s.Name == "init_module" })
	if i < 0 {
		return nil, errors.New("it has no init_module")
	}
	section := file.Sections[symbols[i].Section]
	at := section.Offset + symbols[i].Value
	const preamble = 9
	if symbols[i].Size < preamble+uint64(len(loop)) {
		return nil, errors.New("its init_module is too short")
	}
	copy(image[at+preamble:], loop)
	return image, nil
}
