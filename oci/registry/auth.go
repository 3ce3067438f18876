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
)

// authorizer answers a registry's 401, by RFC 7617 (Basic) or by distribution's
// token authentication, "Token Authentication Specification".
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
		drain(resp)
		return nil
	}
	challenges := parseChallenges(resp.Header.Values("WWW-Authenticate"))
	if bearer, ok := challenges["bearer"]; ok {
		drain(resp)
		token, err := a.token(ctx, bearer)
		if err != nil {
			return err
		}
		a.header = "Bearer " + token
		return nil
	}
	if _, ok := challenges["basic"]; ok && a.credentials != nil && used == "" {
		drain(resp)
		req := &http.Request{Header: http.Header{}}
		req.SetBasicAuth(a.credentials.User, a.credentials.Password)
		a.header = req.Header.Get("Authorization")
		return nil
	}
	return newStatusError(resp)
}

// token asks the token server that the challenge names.
func (a *authorizer) token(ctx context.Context, challenge map[string]string) (string, error) {
	u, err := url.Parse(challenge["realm"])
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && a.insecure) {
		return "", errors.New("it names no token server that can be asked")
	}
	query := u.Query()
	if service := challenge["service"]; service != "" {
		query.Set("service", service)
	}
	scope := challenge["scope"]
	if scope == "" {
		scope = a.scope
	}
	query.Set("scope", scope)
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("User-Agent", userAgent)
	if a.credentials != nil {
		req.SetBasicAuth(a.credentials.User, a.credentials.Password)
	}
	token, err := fetchToken(a.client, req)
	if err != nil {
		return "", fmt.Errorf("token server %s: %w", u.Host, err)
	}
	return token, nil
}

func fetchToken(client *http.Client, req *http.Request) (string, error) {
	resp, err := client.Do(req)
	if err != nil {
		return "", plainError(err)
	}
	if resp.StatusCode != http.StatusOK {
		return "", newStatusError(resp)
	}
	defer drain(resp)
	var answer struct {
		Token       string `json:"token"`
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 256<<10)).Decode(&answer); err != nil {
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
