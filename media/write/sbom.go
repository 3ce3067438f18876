package main

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"strings"

	"bootrc/media/sbom"
)

// writeSBOM writes what a release for one architecture is made of: the Go modules of the initramfs's
// program, and Debian's packages, which are the words, NAME=VERSION each.
func writeSBOM(o options, target string) error {
	info, err := buildinfo.ReadFile(o.program)
	if err != nil {
		return err
	}
	list := sbom.List{Name: "bootrc-" + o.Arch, Parts: sbom.Modules(info)}
	for _, word := range o.Words {
		name, version, ok := strings.Cut(word, "=")
		if !ok {
			return fmt.Errorf("%s: not NAME=VERSION", word)
		}
		list.Parts = append(list.Parts, sbom.Debian(name, version, o.Arch))
	}
	text, err := list.SPDX(o.date())
	if err != nil {
		return err
	}
	return place(target, func(file string) error { return os.WriteFile(file, text, 0o644) })
}
