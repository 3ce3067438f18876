package cmdline

import (
	"fmt"
	"io"
	"strings"
)

// WriteMarkdown writes the table as the page docs/kernel-arguments.md.
func WriteMarkdown(w io.Writer) error {
	var page strings.Builder
	page.WriteString(markdownHead)
	for i := range Table {
		page.WriteString(Table[i].markdown())
	}
	_, err := io.WriteString(w, page.String())
	return err
}

const markdownHead = `# Kernel arguments

<!-- Written by go generate ./init/cmdline from init/cmdline/table.go. -->

Only double quotes quote, and they are deleted wherever they stand: ` + "`b2c.run=\"a b\"`" + ` and
` + "`\"b2c.run=a b\"`" + ` are the same. Within them ` + "`\\\"`" + ` is a quote and a newline is kept. Of an
argument that cannot be repeated, the last one counts. What is not in this table is ignored,
with a warning if its name begins with ` + "`b2c.`" + `. In hooks, each is a shell variable:
` + "`b2c.run`" + ` is ` + "`$b2c_run`" + ` (hooks.md). Those from ` + "`ip=`" + ` to ` + "`rd.neednet=`" + `, which other systems have too (network.md), are
together ` + "`$network`" + `, each as it stands on the line.

An argument without a value in this table is a flag: given alone, or as =1, =yes, =true or =on, it is on; =0, =no, =false and
=off switch it off. A single quote quotes nothing here, but does later in the words of a container.

Secret, and masked in all that the boot prints: what ` + "`b2c.minio=`" + ` has behind the third comma, and ` + "`b2c.login=`" + ` behind the second,
the keys of ` + "`b2c.volume=`" + ` and passwords in ` + "`b2c.filesystem=`" + `, all of ` + "`b2c.extra_args=`" + ` and ` + "`b2c.status_nonce=`" + `, of
containers ` + "`--creds`" + ` and variables and options whose names say so, in commands the values of such headers and options, and
passwords, tokens and signatures in URLs, wherever they stand.

| argument | default | meaning |
|---|---|---|
`

func (a *Argument) markdown() string {
	form := a.Name
	switch a.Kind {
	case Flag:
	default:
		form += "=" + a.Values
	}
	meaning := strings.ToUpper(a.Help[:1]) + a.Help[1:]
	if a.Kind == List && !strings.Contains(a.Help, "repeatable") {
		meaning += "; repeatable"
	}
	for _, old := range a.Old {
		meaning += fmt.Sprintf(" (old name: `%s`)", old)
	}
	byDefault := ""
	if a.Default != "" {
		byDefault = "`" + a.Default + "`"
	}
	cell := strings.NewReplacer("|", `\|`)
	return fmt.Sprintf("| `%s` | %s | %s |\n", cell.Replace(form), cell.Replace(byDefault), cell.Replace(meaning))
}
