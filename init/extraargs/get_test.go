package extraargs

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"bootrc/kit/command"
)

func TestGet(t *testing.T) {
	for _, tt := range []struct{ url, answer, want, err string }{
		{"http://h/a?b=c", "", "fetch -t 60 --tries=6 --limit=1048576 http://h/a?b=c", ""},
		{"https://u:secret@h/a", "", "fetch -t 60 --tries=6 --limit=1048576 https://u:secret@h/a", ""},
		{"s3://alias/bucket/of%20keys/x", "", "s3 cat alias/bucket/of keys/x", ""},
		{"s3://alias", "", "", "s3://alias: neither http://…, https://… nor s3://ALIAS/BUCKET/KEY"},
		{"file:///etc/passwd", "", "", "file:///etc/passwd: neither http://…, https://… nor s3://ALIAS/BUCKET/KEY"},
		{"none", "", "", "none: neither http://…, https://… nor s3://ALIAS/BUCKET/KEY"},
		{"http://u:secret@h:x/", "", "", "not a URL"},
		{"https://u:secret@h/a", "<html>", "", "https://u:xxxxx@h/a: an HTML or XML page, not arguments"},
		{"s3://alias/bucket/x", strings.Repeat("a", MaxSize+1), "", "longer than the limit of 1048576 bytes"},
		{"s3://alias/bucket/x", "fail", "", "the store is closed"},
	} {
		call := &command.Call{Lookup: func(name string) (command.Command, bool) { return answering(name, tt.answer), true }}
		got, err := Get(t.Context(), call, tt.url, time.Minute, nil)
		checkResult(t, tt.url, got, err, tt.want, tt.err)
	}
}

// answering makes a command that writes the answer or, without one, its own line.
func answering(name, answer string) command.Command {
	return command.Command{Name: name, Operands: "[WORD…]", Literal: true, Run: func(_ context.Context, call *command.Call) error {
		switch answer {
		case "fail":
			return errors.New("the store is closed")
		case "":
			answer = name + " " + strings.Join(call.Args, " ")
		}
		_, err := call.Stdout.Write([]byte(answer))
		return err
	}}
}
