package run

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// cd is the builtin. The process's own folder stays where it is: several shells live in it.
func cd(sh *Shell, args []string) int {
	given, operands, err := letters(args, "LPe")
	if err == nil && len(operands) > 1 {
		err = fmt.Errorf("too many arguments")
	}
	if err != nil {
		return sh.misuse("cd", err)
	}
	target, show, err := sh.cdTarget(operands)
	if err != nil {
		return sh.failedWith(2, "cd", err)
	}
	if found, ok := sh.alongCDPATH(target); ok {
		target, show = found, true
	}
	dir := sh.logical(target)
	if err = sh.leadsBack(target); err != nil {
		return sh.failedWith(2, "cd", fmt.Errorf("can't cd to %s: %w", target, explain(err)))
	}
	if isLast(given, 'P', 'L') {
		dir, err = filepath.EvalSymlinks(sh.path(target))
	}
	if err == nil {
		err = isFolder(dir)
	}
	if err != nil {
		return sh.failedWith(2, "cd", fmt.Errorf("can't cd to %s: %w", target, explain(err)))
	}
	if err := sh.moveTo(dir); err != nil {
		return sh.failedWith(2, "cd", err)
	}
	if show {
		return sh.print(dir + "\n")
	}
	return 0
}

func (sh *Shell) cdTarget(operands []string) (target string, show bool, err error) {
	switch {
	case len(operands) == 0:
		home, ok := sh.Get("HOME")
		if !ok || home == "" {
			return "", false, fmt.Errorf("HOME is not set")
		}
		return home, false, nil
	case operands[0] == "-":
		old, ok := sh.Get("OLDPWD")
		if !ok || old == "" {
			return "", false, fmt.Errorf("OLDPWD is not set")
		}
		return old, true, nil
	case operands[0] == "":
		return "", false, fmt.Errorf("the folder's name is empty")
	}
	return operands[0], false, nil
}

// alongCDPATH finds a folder below one of those in $CDPATH.
func (sh *Shell) alongCDPATH(target string) (string, bool) {
	search, _ := sh.Get("CDPATH")
	first, _, _ := strings.Cut(target, "/")
	if search == "" || filepath.IsAbs(target) || first == "." || first == ".." {
		return "", false
	}
	for _, folder := range strings.Split(search, ":") {
		if folder == "" {
			if isFolder(sh.path(target)) == nil {
				return "", false
			}
			continue
		}
		if path := strings.TrimSuffix(folder, "/") + "/" + target; isFolder(sh.path(path)) == nil {
			return path, true
		}
	}
	return "", false
}

// logical is the path that target names, where .. leads back out of a link.
func (sh *Shell) logical(target string) string {
	path := target
	if !filepath.IsAbs(target) {
		path = sh.dir + "/" + target
	}
	return filepath.Clean(path)
}

// leadsBack fails unless what stands before each .. is a folder.
func (sh *Shell) leadsBack(target string) error {
	parts := strings.Split(target, "/")
	for i, part := range parts {
		if part == ".." && i > 0 {
			if err := isFolder(sh.path(strings.Join(parts[:i], "/") + "/")); err != nil {
				return err
			}
		}
	}
	return nil
}

func isFolder(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return unix.ENOTDIR
	}
	return unix.Faccessat(unix.AT_FDCWD, path, unix.X_OK, unix.AT_EACCESS)
}

func (sh *Shell) moveTo(dir string) error {
	old, _ := sh.Get("PWD")
	sh.dir = dir
	if err := sh.Set("OLDPWD", old); err != nil {
		return err
	}
	return sh.Set("PWD", dir)
}

// pwd is the builtin.
func pwd(sh *Shell, args []string) int {
	given, _, err := letters(args, "LPe")
	if err != nil {
		return sh.misuse("pwd", err)
	}
	dir := sh.dir
	if isLast(given, 'P', 'L') {
		if dir, err = filepath.EvalSymlinks(sh.dir); err != nil {
			return sh.failed("pwd", explain(err))
		}
	}
	return sh.print(dir + "\n")
}
