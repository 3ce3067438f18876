package main

import (
	"bytes"
	"debug/elf"
	"fmt"
	"strings"

	"bootrc/kmod"
)

// modinfo is what a module says of itself in its section .modinfo: strings
// KEY=VALUE, as modinfo(8) shows them.
type modinfo struct {
	depends  []string // names of modules
	aliases  []string
	softdeps []string // "pre: A B post: C"
	weakdeps []string // names of modules that it may ask for while it runs
	firmware []string // paths below …/lib/firmware, which may be patterns
	symbols  []string // that it exports
}

func parseModinfo(image []byte) (*modinfo, error) {
	file, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return nil, fmt.Errorf("not a module: %w", err)
	}
	defer file.Close()
	section := file.Section(".modinfo")
	if section == nil {
		return nil, fmt.Errorf("not a module: no section .modinfo")
	}
	data, err := section.Data()
	if err != nil {
		return nil, fmt.Errorf("read section .modinfo: %w", err)
	}
	var info modinfo
	for field := range strings.SplitSeq(string(data), "\x00") {
		key, value, _ := strings.Cut(field, "=")
		if value == "" || strings.ContainsAny(value, "\n\r") {
			continue
		}
		switch key {
		case "depends":
			for name := range strings.SplitSeq(value, ",") {
				info.depends = append(info.depends, kmod.CanonicalName(name))
			}
		case "alias":
			if !strings.ContainsAny(value, " \t") {
				info.aliases = append(info.aliases, value)
			}
		case "softdep":
			info.softdeps = append(info.softdeps, value)
		case "weakdep":
			info.weakdeps = append(info.weakdeps, strings.Fields(value)...)
		case "firmware":
			info.firmware = append(info.firmware, value)
		}
	}
	if symbols := file.Section("__ksymtab_strings"); symbols != nil {
		if data, err = symbols.Data(); err != nil {
			return nil, fmt.Errorf("read section __ksymtab_strings: %w", err)
		}
		for name := range strings.SplitSeq(string(data), "\x00") {
			if name != "" {
				info.symbols = append(info.symbols, name)
			}
		}
	}
	return &info, nil
}

// softNames returns the names and aliases in a soft dependency.
func softNames(softdep string) []string {
	var names []string
	for _, word := range strings.Fields(softdep) {
		if word != "pre:" && word != "post:" {
			names = append(names, word)
		}
	}
	return names
}
