package transport

import (
	"context"
	"fmt"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/obtain"
	"bootrc/kit/quote"
)

// Commands returns the shell's commands for b2c.proxy and b2c.ca.
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
	}, {
		Name: "trust-ca", Operands: "WHERE…",
		Summary:  "trust certificate authorities, beside those of the initramfs, in all that is fetched from now on",
		Text:     "WHERE is the path of a file in PEM or DER, a URL, or base64:DATA, each with\n,sha256=HEX behind it if the file must be that one.",
		Examples: []string{"trust-ca /etc/farm.pem", "trust-ca http://gateway/ca.pem,sha256=9f86d081…"},
		Run: func(ctx context.Context, call *command.Call) error {
			for _, where := range call.Args {
				r, err := obtain.Parse(where)
				if err != nil {
					return fmt.Errorf("%s: %w", r.Name(), err)
				}
				certificates, err := r.Get(ctx, call)
				if err != nil {
					return err
				}
				if err := Trust(certificates); err != nil {
					return fmt.Errorf("%s: %w", r.Name(), err)
				}
			}
			return nil
		},
	}}
}
