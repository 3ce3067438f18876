package extraargs

import (
	"context"
	"fmt"
	"time"

	"bootrc/init/trust"
	"bootrc/kit/command"
	"bootrc/kit/obtain"
)

// Get returns the text at a URL, as obtain.Request gets it, which is tried for limit in all, as
// far as it is signed by one of the keys. Errors name the URL.
func Get(ctx context.Context, call *command.Call, address string, limit time.Duration, keys trust.Keys) (string, error) {
	r := obtain.Request{Where: address, Limit: MaxSize, Time: limit}
	data, err := r.Get(ctx, call)
	if err == nil {
		data, err = keys.OpenFrom(ctx, call, r, data)
	}
	if err != nil {
		return "", err
	}
	text, err := Text(data)
	if err != nil {
		return "", fmt.Errorf("%s: %w", r.Name(), err)
	}
	return text, nil
}
