package extraargs

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func TestText(t *testing.T) {
	if text, err := Text([]byte("\ufeffb2c.run=a")); text != "b2c.run=a" || err != nil {
		t.Errorf("with a byte order mark: %q, %v", text, err)
	}
	for _, tt := range []struct{ data, err string }{
		{"", ""},
		{"b2c.run=\"a\n\tb\"\r\nb2c.hostname=ü", ""},
		{" \n<!DOCTYPE html>", "an HTML or XML page, not arguments"},
		{`<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>`, "an HTML or XML page, not arguments"},
		{"b2c.run=\x00", "binary data, not arguments: byte 8 is 0x00"},
		{"b2c.run=\xff", "binary data, not arguments: byte 8 is 0xff"},
		{"\x1f\x8b\x08", "binary data, not arguments: byte 0 is 0x1f"},
		{strings.Repeat("a", MaxSize), ""},
		{strings.Repeat("a", MaxSize+1), "longer than the limit of 1048576 bytes"},
	} {
		text, err := Text([]byte(tt.data))
		checkResult(t, tt.data, text, err, tt.data, tt.err)
	}
}

func TestDecode(t *testing.T) {
	const text = "b2c.run=\"two\nlines ü?~\""
	base := base64.StdEncoding.EncodeToString
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	compress := func(text string) []byte { return encoder.EncodeAll([]byte(text), nil) }
	for _, tt := range []struct{ value, want, err string }{
		{"base64:" + base([]byte(text)), text, ""},
		{"base64:" + strings.TrimRight(base([]byte(text)), "="), text, ""},
		{"base64:" + base64.URLEncoding.EncodeToString([]byte(text)), text, ""},
		{"base64:" + base(compress(text)), text, ""},
		{"base64:", "", ""},
		{base([]byte(text)), "", "it does not begin with base64:"},
		{"base64:b2c.run", "", "illegal base64 data at input byte 3"},
		{"base64:" + base([]byte("\x00")), "", "binary data, not arguments: byte 0 is 0x00"},
		{"base64:" + base(compress(text)[:20]), "", "decompressing: unexpected EOF"},
		{"base64:" + base(compress(strings.Repeat("a", MaxSize+1))), "", "longer than the limit of 1048576 bytes"},
		{"base64:" + base(compress(strings.Repeat("a", 100<<20))), "", "longer than the limit of 1048576 bytes"},
	} {
		got, err := Decode(tt.value)
		checkResult(t, tt.value, got, err, tt.want, tt.err)
	}
}

func checkResult(t *testing.T, input, got string, err error, want, wantError string) {
	t.Helper()
	text := ""
	if err != nil {
		text = err.Error()
		want = ""
	}
	if got != want || text != wantError {
		t.Errorf("%.60q gives %.60q, %q; want %.60q, %q", input, got, text, want, wantError)
	}
}
