package run

/*
#include "spawn.h"
*/
import "C"

import (
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// spawn starts a program as syscall.ForkExec does; from its beginning it ignores these
// signals, and no others.
func spawn(path string, args []string, attr *syscall.ProcAttr, ignored []unix.Signal) (pid int, err error) {
	if len(ignored) == 0 && attr.Sys == nil {
		return syscall.ForkExec(path, args, attr)
	}
	var pinned runtime.Pinner
	defer pinned.Unpin()
	argv, err := pointers(&pinned, args)
	if err != nil {
		return 0, err
	}
	envp, err := pointers(&pinned, attr.Env)
	if err != nil {
		return 0, err
	}
	names, err := pointers(&pinned, []string{path, attr.Dir})
	if err != nil {
		return 0, err
	}
	files := make([]C.int, len(attr.Files))
	for i, fd := range attr.Files {
		files[i] = C.int(fd)
	}
	pinned.Pin(&files[0])
	p := C.struct_bootrc_program{path: names[0], folder: names[1], files: &files[0], count: C.int(len(files)), ignored: bits(ignored), group: -1, terminal: -1}
	if sys := attr.Sys; sys != nil {
		p.group = C.int(sys.Pgid)
		if sys.Foreground {
			p.terminal = C.int(sys.Ctty)
		}
	}
	syscall.ForkLock.Lock()
	result := C.bootrc_spawn(&p, &argv[0], &envp[0])
	syscall.ForkLock.Unlock()
	if result < 0 {
		return 0, syscall.Errno(-result)
	}
	return int(result), nil
}

// pointers is a list of texts as C has it, with a null pointer at its end.
func pointers(pinned *runtime.Pinner, texts []string) ([]*C.char, error) {
	list, err := syscall.SlicePtrFromStrings(texts)
	if err != nil {
		return nil, err
	}
	for _, text := range list[:len(texts)] {
		pinned.Pin(text)
	}
	return unsafe.Slice((**C.char)(unsafe.Pointer(&list[0])), len(list)), nil
}

func bits(signals []unix.Signal) (set C.uint) {
	for _, s := range signals {
		set |= 1 << s
	}
	return set
}

// ignoredAtStart tells whether a signal was ignored when this process began.
func ignoredAtStart(s unix.Signal) bool { return C.bootrc_ignored&(1<<s) != 0 }
