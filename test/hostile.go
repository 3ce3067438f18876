package test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"syscall"
)

// hostileRegistry starts a registry with the named fault on loopback, in front
// of the real one at upstream, and returns its address.
func hostileRegistry(fault, upstream string) (address string, stop func(), err error) {
	var handler http.HandlerFunc
	switch fault {
	case "refusing":
		return refuse()
	case "silent":
		handler = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	case "failing":
		handler = answer(http.StatusInternalServerError, "text/plain", "the disk is on fire\n")
	case "forbidding":
		handler = answer(http.StatusForbidden, "application/json",
			`{"errors":[{"code":"DENIED","message":"not for you"}]}`)
	case "html":
		handler = answer(http.StatusOK, "text/html", "<!DOCTYPE html><title>Welcome to the hotel's network</title>\n")
	case "altering":
		handler = withLayers(upstream, alter)
	case "cutting":
		handler = withLayers(upstream, cut)
	case "truncating":
		handler = withLayers(upstream, truncate)
	default:
		return "", nil, fmt.Errorf("no registry is %s; one can be refusing, silent, failing, forbidding, html, altering, cutting or truncating", fault)
	}
	server := httptest.NewServer(handler)
	stop = func() {
		server.CloseClientConnections()
		server.Close()
	}
	return server.Listener.Addr().String(), stop, nil
}

// refuse returns an address at which connections are refused: the port is
// taken, so that nobody else comes to listen there, and nobody listens.
func refuse() (address string, stop func(), err error) {
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return "", nil, fmt.Errorf("socket: %w", err)
	}
	stop = func() { syscall.Close(socket) }
	if err := syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		stop()
		return "", nil, fmt.Errorf("bind 127.0.0.1: %w", err)
	}
	bound, err := syscall.Getsockname(socket)
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("getsockname: %w", err)
	}
	port := bound.(*syscall.SockaddrInet4).Port
	return "127.0.0.1:" + strconv.Itoa(port), stop, nil
}

// answer answers the same to every request.
func answer(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// alter flips one bit in the middle.
func alter(layer []byte) (body []byte, length int) {
	body = bytes.Clone(layer)
	body[len(body)/2] ^= 1
	return body, len(body)
}

// cut announces the whole layer, and breaks the connection half-way.
func cut(layer []byte) (body []byte, length int) { return layer[:len(layer)/2], len(layer) }

// truncate sends half of the layer as if it were the whole.
func truncate(layer []byte) (body []byte, length int) { return layer[:len(layer)/2], len(layer) / 2 }

// withLayers passes everything on to the registry at upstream and back, but for
// the layers: of these, change says what is sent and what length is announced.
func withLayers(upstream string, change func(layer []byte) (body []byte, length int)) http.HandlerFunc {
	proxy := httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: upstream})
		},
		ModifyResponse: func(answer *http.Response) error {
			blob := strings.Contains(answer.Request.URL.Path, "/blobs/")
			if answer.Request.Method != http.MethodGet || answer.StatusCode/100 != 2 || !blob {
				return nil
			}
			body, err := io.ReadAll(answer.Body)
			if err != nil {
				return err
			}
			length := len(body)
			if !bytes.HasPrefix(body, []byte("{")) { // not an image's configuration
				body, length = change(body)
			}
			answer.Body = io.NopCloser(bytes.NewReader(body))
			answer.ContentLength = int64(length)
			answer.Header.Set("Content-Length", strconv.Itoa(length))
			return nil
		},
	}
	return proxy.ServeHTTP
}
