package extraargs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"bootrc/kit/command"
)

// Get returns the text at a URL: by the command `fetch` over http and https, and by
// `s3 cat` for s3://ALIAS/BUCKET/KEY. It tries several times, for limit in all. call
// lends its folder, environment, standard error and commands. Errors name the URL.
func Get(ctx context.Context, call *command.Call, address string, limit time.Duration) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("not a URL") // the parser's own error shows passwords
	}
	var line []string
	switch {
	case (u.Scheme == "http" || u.Scheme == "https") && u.Host != "":
		line = []string{"fetch", "-t", fmt.Sprint(limit.Seconds()), "--tries=6", fmt.Sprintf("--limit=%d", MaxSize), address}
	case u.Scheme == "s3" && u.Host != "" && len(u.Path) > 1:
		line = []string{"s3", "cat", u.Host + u.Path}
	default:
		return "", fmt.Errorf("%s: neither http://…, https://… nor s3://ALIAS/BUCKET/KEY", u.Redacted())
	}
	data, err := output(ctx, call, line)
	if err != nil {
		return "", err
	}
	text, err := Text(data)
	if err != nil {
		return "", fmt.Errorf("%s: %w", u.Redacted(), err)
	}
	return text, nil
}

// output runs another command of the caller's shell and returns what it writes.
func output(ctx context.Context, call *command.Call, line []string) ([]byte, error) {
	c, ok := call.Lookup(line[0])
	if !ok {
		return nil, fmt.Errorf("there is no command %s", line[0])
	}
	var written bytes.Buffer
	inner := *call
	inner.Name, inner.Args = line[0], line[1:]
	inner.Stdin, inner.Stdout = strings.NewReader(""), &limited{&written}
	err := c.Do(ctx, &inner)
	return written.Bytes(), err
}

// limited refuses to take more than MaxSize bytes.
type limited struct{ buffer *bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if l.buffer.Len()+len(p) > MaxSize {
		return 0, errTooLong
	}
	return l.buffer.Write(p)
}
