package cmdline

import (
	"fmt"

	"bootrc/kit/nearest"
)

func unknown(name string) string {
	return fmt.Sprintf("unknown argument %q is ignored%s", name, nearest.Question(name, names()))
}

func names() []string {
	var all []string
	for i := range Table {
		all = append(all, Table[i].Name)
		all = append(all, Table[i].Old...)
	}
	return all
}
