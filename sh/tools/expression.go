package tools

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"

	"bootrc/kit/command"
	"bootrc/sh/pattern"
)

// expression parses what find is to test and do (XCU, find, "Operands"): primaries
// joined by "and", which may be left out, and -o.
type expression struct {
	find  *finding
	words []string
	acts  bool // some primary does something, so that nothing is printed unasked
	after []func(ctx context.Context) error
}

func (p *expression) parse() error {
	t, err := p.or()
	if err == nil && len(p.words) > 0 {
		err = command.Usagef("unexpected %q", p.words[0])
	}
	if err != nil {
		return err
	}
	if !p.acts {
		t = and(t, p.print("\n"))
	}
	p.find.test = t
	return nil
}

// finish does what waits for the end of the walk.
func (p *expression) finish(ctx context.Context) error {
	for _, do := range p.after {
		if err := do(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p *expression) or() (test, error) {
	left, err := p.and()
	for err == nil && len(p.words) > 0 && (p.words[0] == "-o" || p.words[0] == "-or") {
		p.words = p.words[1:]
		var right test
		if right, err = p.and(); err == nil {
			left = or(left, right)
		}
	}
	return left, err
}

func (p *expression) and() (test, error) {
	all := test(func(context.Context, *found) (bool, error) { return true, nil })
	for len(p.words) > 0 && p.words[0] != "-o" && p.words[0] != "-or" && p.words[0] != ")" {
		if p.words[0] == "-a" || p.words[0] == "-and" {
			p.words = p.words[1:]
			continue
		}
		next, err := p.primary()
		if err != nil {
			return nil, err
		}
		all = and(all, next)
	}
	return all, nil
}

func and(a, b test) test {
	return func(ctx context.Context, f *found) (bool, error) {
		if ok, err := a(ctx, f); !ok || err != nil {
			return false, err
		}
		return b(ctx, f)
	}
}

func or(a, b test) test {
	return func(ctx context.Context, f *found) (bool, error) {
		if ok, err := a(ctx, f); ok || err != nil {
			return ok, err
		}
		return b(ctx, f)
	}
}

func (p *expression) primary() (test, error) {
	word := p.words[0]
	p.words = p.words[1:]
	switch word {
	case "!", "-not":
		if len(p.words) == 0 {
			return nil, command.Usagef("nothing follows %s", word)
		}
		inner, err := p.primary()
		return func(ctx context.Context, f *found) (bool, error) {
			ok, err := inner(ctx, f)
			return !ok, err
		}, err
	case "(":
		inner, err := p.or()
		if err == nil && (len(p.words) == 0 || p.words[0] != ")") {
			return nil, command.Usagef("a ( is not closed")
		}
		if err == nil {
			p.words = p.words[1:]
		}
		return inner, err
	case "-print":
		p.acts = true
		return p.print("\n"), nil
	case "-print0":
		p.acts = true
		return p.print("\x00"), nil
	case "-delete":
		p.acts, p.find.depth = true, true
		return p.delete, nil
	case "-empty":
		return isEmpty, nil
	case "-depth":
		p.find.depth = true
		return always, nil
	case "-xdev", "-mount":
		p.find.oneDev = true
		return always, nil
	case "-exec":
		p.acts = true
		return p.exec()
	}
	if len(p.words) == 0 {
		return nil, command.Usagef("%q is unknown, or lacks its value", word)
	}
	value := p.words[0]
	p.words = p.words[1:]
	return p.valued(word, value)
}

func always(context.Context, *found) (bool, error) { return true, nil }

// valued is a primary with one value.
func (p *expression) valued(word, value string) (test, error) {
	switch word {
	case "-name", "-iname":
		return glob(value, word == "-iname", func(f *found) string { return path.Base(f.path) }), nil
	case "-path", "-ipath":
		return glob(value, word == "-ipath", func(f *found) string { return f.path }), nil
	case "-type":
		return ofType(value)
	case "-size":
		return ofSize(value)
	case "-maxdepth", "-mindepth":
		n, err := strconv.ParseUint(value, 10, 31)
		if err != nil {
			return nil, command.Usagef("%s %q: not a whole number", word, value)
		}
		if word == "-maxdepth" {
			p.find.maxDepth = int(n)
		} else {
			p.find.minDepth = int(n)
		}
		return always, nil
	}
	return nil, command.Usagef("%q is unknown", word)
}

func glob(value string, anyCase bool, of func(*found) string) test {
	fold := func(text string) string { return text }
	if anyCase {
		fold = strings.ToLower
	}
	p := pattern.Compile(fold(value))
	return func(_ context.Context, f *found) (bool, error) { return p.Match(fold(of(f))), nil }
}

func ofType(letters string) (test, error) {
	if letters == "" || strings.Trim(letters, "fdlcbps,") != "" {
		return nil, command.Usagef("-type %q: the types are f d l c b p s", letters)
	}
	letters = strings.ReplaceAll(letters, "f", "-")
	return func(_ context.Context, f *found) (bool, error) {
		return strings.IndexByte(letters, typeLetter(f.info.Mode())) >= 0, nil
	}, nil
}

// ofSize compares in whole units, rounded up: 512 bytes, or c, k, M, G.
func ofSize(value string) (test, error) {
	number := strings.TrimLeft(value, "+-")
	unit := int64(512)
	for suffix, size := range map[string]int64{"c": 1, "k": 1 << 10, "M": 1 << 20, "G": 1 << 30} {
		if before, ok := strings.CutSuffix(number, suffix); ok {
			number, unit = before, size
		}
	}
	want, err := strconv.ParseInt(number, 10, 64)
	if err != nil || len(value)-len(strings.TrimLeft(value, "+-")) > 1 {
		return nil, command.Usagef("-size %q: give a number, with c, k, M or G behind it, and + or - before it", value)
	}
	return func(_ context.Context, f *found) (bool, error) {
		units := (f.info.Size() + unit - 1) / unit
		switch value[0] {
		case '+':
			return units > want, nil
		case '-':
			return units < want, nil
		}
		return units == want, nil
	}, nil
}

func isEmpty(_ context.Context, f *found) (bool, error) {
	if f.info.IsDir() {
		entries, err := os.ReadDir(f.file)
		return err == nil && len(entries) == 0, nil
	}
	return f.info.Mode().IsRegular() && f.info.Size() == 0, nil
}

func (p *expression) print(end string) test {
	return func(_ context.Context, f *found) (bool, error) {
		_, err := fmt.Fprint(p.find.c.Stdout, p.find.c.Shown(f.path), end)
		return true, err
	}
}

func (p *expression) delete(_ context.Context, f *found) (bool, error) {
	if f.path == "." {
		return true, nil
	}
	if err := os.Remove(f.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		p.find.c.fail(err)
		return false, nil
	}
	return true, nil
}

// exec runs a command: for each file when it ends in ";", for many at once with "+".
func (p *expression) exec() (test, error) {
	for i, word := range p.words {
		line := p.words[:i]
		switch {
		case word == ";" && i > 0:
			p.words = p.words[i+1:]
			return func(ctx context.Context, f *found) (bool, error) {
				replaced := make([]string, len(line))
				for j, w := range line {
					replaced[j] = strings.ReplaceAll(w, "{}", f.path)
				}
				status, err := p.find.c.run(ctx, replaced, p.find.c.Env)
				return status == 0, err
			}, nil
		case word == "+" && i > 1 && p.words[i-1] == "{}":
			p.words = p.words[i+1:]
			b := &batch{c: p.find.c, line: line[:i-1]}
			p.after = append(p.after, func(ctx context.Context) error { return b.end(ctx) })
			return func(ctx context.Context, f *found) (bool, error) { return true, b.add(ctx, f.path) }, nil
		}
	}
	return nil, command.Usagef("-exec has no end: finish it with ';', or with {} +")
}
