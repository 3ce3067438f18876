// Reference writes docs/kernel-arguments.md from the table of arguments; go
// generate ./init/cmdline calls it. With -check it fails where the page is stale.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"

	"bootrc/init/cmdline"
)

func main() {
	check := flag.Bool("check", false, "write nothing; fail if the page differs")
	flag.Parse()
	if err := run(flag.Arg(0), *check); err != nil {
		fmt.Fprintln(os.Stderr, "reference:", err)
		os.Exit(1)
	}
}

func run(file string, check bool) error {
	var page bytes.Buffer
	if err := cmdline.WriteMarkdown(&page); err != nil {
		return err
	}
	if !check {
		return os.WriteFile(file, page.Bytes(), 0o644)
	}
	have, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !bytes.Equal(have, page.Bytes()) {
		return fmt.Errorf("%s is stale: go generate ./init/cmdline", file)
	}
	return nil
}
