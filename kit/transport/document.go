package transport

import (
	"fmt"
	"io"
	"net/http"
)

// ReadAll reads a document that is kept in memory, and fails where it is longer than
// limit bytes. The error names neither the server nor the document.
func ReadAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("longer than the limit of %d bytes", limit)
	}
	return data, nil
}

// maxDrained is how much of an answer that nobody wants is read, to use its connection
// again.
const maxDrained = 64 << 10

// Drain ends an answer, and reads the rest of a short one so that its connection
// serves the next request.
func Drain(response *http.Response) {
	io.CopyN(io.Discard, response.Body, maxDrained)
	response.Body.Close()
}
