package boot

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"bootrc/init/trust"
	"bootrc/kit/command"
	"bootrc/kit/durable"
	"bootrc/kit/obtain"
)

// maxHook bounds a hook, in bytes.
const maxHook = 16 << 20

// fetchHook gets a hook into the folder of all.
func (b *boot) fetchHook(ctx context.Context, call *command.Call) error {
	h, err := parseHook(call.Args[0], b.given.keys)
	if err != nil {
		return err
	}
	script, err := h.from.Get(ctx, call)
	if err == nil {
		script, err = h.keys.OpenFrom(ctx, call, h.from, script)
	}
	if err != nil {
		return err
	}
	if err := b.checkConditions(trust.OfScript(script)); err != nil {
		return fmt.Errorf("%s: %w", h.from.Name(), err)
	}
	return durable.WriteFile(filepath.Join(b.folder, h.name), script, 0o644)
}

// hook is what b2c.hook's value means.
type hook struct {
	name string
	from obtain.Request
	keys trust.Keys // by one of which it must be signed; none: it need not
}

// parseHook reads NN-NAME.sh,URL[,sha256=HEX][,key=KEY]…. Those of trusted are the keys of a hook
// that has neither.
func parseHook(text string, trusted trust.Keys) (h hook, err error) {
	name, where, _ := strings.Cut(text, ",")
	h = hook{name: name, from: obtain.Request{Limit: maxHook, Time: 5 * time.Minute}}
	if !isHookName(h.name) || strings.Contains(h.name, "/") {
		return h, errors.New("a hook's name has the form NN-name.sh")
	}
	var keys []string
	for {
		rest, key, ok := cutLast(where, ",key=")
		if ok {
			keys, where = append(keys, key), rest
			continue
		}
		if rest, sum, ok := cutLast(where, ",sha256="); ok {
			if err := obtain.CheckSum(sum); err != nil {
				return h, fmt.Errorf("sha256=: %w", err)
			}
			h.from.Sum, where = sum, rest
			continue
		}
		break
	}
	if where == "" {
		return h, errors.New("its URL is missing")
	}
	h.from.Where = where
	if h.keys, err = trust.ParseKeys(keys); err != nil {
		return h, fmt.Errorf("key=: %w", err)
	}
	if keys == nil && h.from.Sum == "" {
		h.keys = trusted
	}
	return h, nil
}

// cutLast cuts a text around the last of its separators, if no comma comes behind that.
func cutLast(text, separator string) (before, after string, ok bool) {
	at := strings.LastIndex(text, separator)
	if at < 0 || strings.Contains(text[at+1:], ",") {
		return text, "", false
	}
	return text[:at], text[at+len(separator):], true
}
