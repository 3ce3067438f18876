package extraargs

import (
	"context"
	"fmt"
	"time"

	"bootrc/kit/command"
	"bootrc/kit/obtain"
)

// Get returns the text at a URL, as obtain.Request gets it, which is tried for limit in all.
// Errors name the URL.
func Get(ctx context.Context, call *command.Call, address string, limit time.Duration) (string, error) {
	r := obtain.Request{Where: address, Limit: MaxSize, Time: limit}
	data, err := r.Get(ctx, call)
	if err != nil {
		return "", err
	}
	text, err := Text(data)
	if err != nil {
		return "", fmt.Errorf("%s: %w", r.Name(), err)
	}
	return text, nil
}
