// Package extraargs gets arguments that are too long, too late or too secret for
// the kernel's command line: from a URL, or packed into one argument.
package extraargs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"bootrc/kit/compression"
	"bootrc/kit/obtain"
)

// MaxSize is the most bytes of text that are taken for arguments.
const MaxSize = 1 << 20

var errTooLong = fmt.Errorf("longer than the limit of %d bytes", MaxSize)

// Text returns data as the text of arguments, and an error where it cannot be
// that: too long, binary, or a page that was meant for a browser. The mark with which some
// editors begin a file is left out.
func Text(data []byte) (string, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(data) > MaxSize {
		return "", errTooLong
	}
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) {
		return "", errors.New("an HTML or XML page, not arguments")
	}
	if at := bytes.IndexFunc(data, isBinary); at >= 0 {
		return "", fmt.Errorf("binary data, not arguments: byte %d is %#02x", at, data[at])
	}
	return string(data), nil
}

func isBinary(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) && !strings.ContainsRune("\t\n\v\f\r", r)
}

// Decode returns the text in b2c.extra_args's value: "base64:" and the base64
// (RFC 4648, either alphabet, padded or not) of the text or of its zstd frame.
func Decode(value string) (string, error) {
	encoded, ok := strings.CutPrefix(value, "base64:")
	if !ok {
		return "", errors.New("it does not begin with base64:")
	}
	data, err := obtain.Base64(encoded)
	if err != nil {
		return "", err
	}
	if compression.Of(data) != compression.Zstd {
		return Text(data)
	}
	r, err := compression.NewReader(bytes.NewReader(data), compression.Options{})
	if err == nil {
		data, err = io.ReadAll(io.LimitReader(r, MaxSize+1))
	}
	if err != nil {
		return "", fmt.Errorf("decompressing: %w", err)
	}
	return Text(data)
}
