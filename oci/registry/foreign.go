package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"bootrc/kit/transport"
)

func isNotFound(err error) bool {
	var status *statusError
	return errors.As(err, &status) && status.code == http.StatusNotFound
}

// getForeign gets a layer that the registry has not, from the first of the addresses that its
// manifest names (image-spec descriptor.md, "urls"). These get no credentials.
func (r *Repository) getForeign(ctx context.Context, urls []string, header http.Header) (*http.Response, error) {
	var failure error
	for _, address := range urls {
		resp, err := r.getAddress(ctx, address, header)
		if err == nil {
			return resp, nil
		}
		failure = err
	}
	return nil, r.named(failure)
}

func (r *Repository) getAddress(ctx context.Context, address string, header http.Header) (*http.Response, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && !r.options.TLSVerify) {
		return nil, errors.New("the layer is not there, and its manifest names no other place that can be asked")
	}
	req, err := http.NewRequestWithContext(transport.Led(ctx), http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	for key, values := range header {
		req.Header[key] = values
	}
	req.Header.Set("User-Agent", userAgent)
	resp, err := r.client.Do(req)
	if err == nil && resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusPartialContent {
		err = newStatusError(resp)
	}
	if err != nil {
		return nil, fmt.Errorf("the layer is at %s: %w", u.Host, plainError(err))
	}
	return resp, nil
}
