package transport

import (
	"context"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/quote"
)

// Commands returns the shell's command for b2c.proxy.
func Commands() []command.Command {
	return []command.Command{{
		Name: "proxy", Operands: "SETTING", Forms: []string{"[http=URL][,https=URL][,no_proxy=HOST|HOST…]"},
		Summary:  "print what exports http_proxy and its like, for eval",
		Examples: []string{`eval "$(proxy https=http://proxy:3128)"`},
		Run: func(_ context.Context, call *command.Call) error {
			variables, err := Variables(call.Args[0])
			if err != nil {
				return err
			}
			for _, variable := range variables {
				name, value, _ := strings.Cut(variable, "=")
				call.Printf("export %s=%s\n", name, quote.Word(value))
			}
			return nil
		},
	}}
}
