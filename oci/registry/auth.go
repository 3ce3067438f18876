package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"bootrc/kit/transport"
)

// authorizer answers a registry's 401, by RFC 7617 (Basic) or by distribution's
// token authentication, "Token Authentication Specification", or, with an identity token, by
// its "OAuth2 Token Authentication".
type authorizer struct {
	registry    string
	scope       string // what tokens are asked for, unless the challenge says
	credentials *Credentials
	insecure    bool // tokens may come over http
	client      *http.Client

	mu     sync.Mutex
	header string // Authorization of all requests from now on
}

// do sends the request, and once more when the registry wants it authorized.
func (a *authorizer) do(req *http.Request) (*http.Response, error) {
	used := a.authorize(req)
	resp, err := a.client.Do(req)
	if err != nil || resp.StatusCode != http.StatusUnauthorized || resp.Request.URL.Host != req.URL.Host {
		return resp, err
	}
	if err := a.answer(req.Context(), resp, used); err != nil {
		return nil, err
	}
	again := req.Clone(req.Context())
	a.authorize(again)
	return a.client.Do(again)
}

func (a *authorizer) authorize(req *http.Request) (header string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.header == "" && a.credentials != nil && a.credentials.RegistryToken != "" {
		a.header = "Bearer " + a.credentials.RegistryToken
	}
	if a.header != "" {
		req.Header.Set("Authorization", a.header)
	}
	return a.header
}

// answer does what the 401 asks for. The request was sent with the header used:
// where that is not the newest, another request's answer came before.
func (a *authorizer) answer(ctx context.Context, resp *http.Response, used string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.header != used {
		transport.Drain(resp)
		return nil
	}
	challenges := parseChallenges(resp.Header.Values("WWW-Authenticate"))
	if bearer, ok := challenges["bearer"]; ok {
		transport.Drain(resp)
		token, err := a.token(ctx, bearer)
		if err != nil {
			return err
		}
		a.header = "Bearer " + token
		return nil
	}
	if _, ok := challenges["basic"]; ok && a.credentials != nil && a.credentials.User != "" && used == "" {
		transport.Drain(resp)
		req := &http.Request{Header: http.Header{}}
		req.SetBasicAuth(a.credentials.User, a.credentials.Password)
		a.header = req.Header.Get("Authorization")
		return nil
	}
	return newStatusError(resp)
}

// token asks the token server that the challenge names. It may be on any host, as for docker
// and podman, but only over https where the registry's own is, and where nothing is that this
// machine alone can reach, unless the registry is there, too.
func (a *authorizer) token(ctx context.Context, challenge map[string]string) (string, error) {
	u, err := url.Parse(challenge["realm"])
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && a.insecure) {
		return "", errors.New("it names no token server that can be asked")
	}
	req, err := a.tokenRequest(transport.Led(ctx), u, challenge)
	if err != nil {
		return "", err
	}
	token, err := fetchToken(a.client, req)
	if err != nil {
		return "", fmt.Errorf("token server %s: %w", u.Host, err)
	}
	return token, nil
}

func (a *authorizer) tokenRequest(ctx context.Context, u *url.URL, challenge map[string]string) (*http.Request, error) {
	if a.credentials != nil && u.Scheme == "http" && u.Hostname() != (&url.URL{Host: a.registry}).Hostname() {
		return nil, fmt.Errorf("its token server %q is another host, without encryption: credentials are not sent there", u.Host)
	}
	u.User = nil // it would stand in the place of our own
	query := u.Query()
	if service := challenge["service"]; service != "" {
		query.Set("service", service)
	}
	scope := challenge["scope"]
	if scope == "" {
		scope = a.scope
	}
	query.Set("scope", scope)
	method, body := http.MethodGet, io.Reader(nil)
	if a.credentials != nil && a.credentials.IdentityToken != "" {
		query.Set("grant_type", "refresh_token")
		query.Set("client_id", userAgent)
		query.Set("refresh_token", a.credentials.IdentityToken)
		method, body = http.MethodPost, strings.NewReader(query.Encode())
		query = nil
	}
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", userAgent)
	switch {
	case body != nil:
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	case a.credentials != nil && a.credentials.User != "":
		req.SetBasicAuth(a.credentials.User, a.credentials.Password)
	}
	return req, nil
}

// maxToken is how long a token server's answer may be, in bytes.
const maxToken = 256 << 10

func fetchToken(client *http.Client, req *http.Request) (string, error) {
	resp, err := client.Do(req)
	if err != nil {
		return "", plainError(err)
	}
	if resp.StatusCode != http.StatusOK {
		return "", newStatusError(resp)
	}
	defer transport.Drain(resp)
	body, err := transport.ReadAll(resp.Body, maxToken)
	if err != nil {
		return "", transientRead(err)
	}
	var answer struct {
		Token       string `json:"token"`
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return "", fmt.Errorf("its answer is broken: %w", err)
	}
	if answer.Token == "" {
		answer.Token = answer.AccessToken
	}
	if answer.Token == "" || strings.ContainsAny(answer.Token, "\r\n") {
		return "", errors.New("its answer has no token")
	}
	return answer.Token, nil
}
