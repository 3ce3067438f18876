package transport

import (
	"errors"
	"io"
	"net"
	"strings"
)

// IsPassing tells errors of the way to a server that may not occur again. Names that do not exist,
// certificates that are wrong and ways that are not allowed stay.
func IsPassing(err error) bool {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return !dns.IsNotFound
	}
	if network, ok := errors.AsType[net.Error](err); ok && network.Timeout() {
		return true
	}
	_, isOp := errors.AsType[*net.OpError](err)
	return (isOp || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || IsHTTP2(err)) &&
		!errors.Is(err, ErrUnencrypted) && !errors.Is(err, ErrNear)
}

// IsHTTP2 tells errors of a connection or a stream of HTTP/2, whose types net/http
// keeps to itself.
func IsHTTP2(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if text := err.Error(); strings.HasPrefix(text, "http2: ") || strings.HasPrefix(text, "stream error: ") {
			return true
		}
	}
	return false
}
