// Package alias keeps names of S3-compatible stores, with the keys to them.
package alias

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Alias is an S3-compatible store.
type Alias struct {
	// URL is http://HOST[:PORT] or https://HOST[:PORT], with nothing behind.
	URL string `json:"url"`
	// Without an access key, credentials come from the environment, as for AWS.
	AccessKey    string `json:"accessKey,omitempty"`
	SecretKey    string `json:"secretKey,omitempty"`
	SessionToken string `json:"sessionToken,omitempty"`
	Region       string `json:"region,omitempty"`
	// Path is "on" for addresses like HOST/BUCKET, "off" for BUCKET.HOST, and
	// "auto" or "" for what the host is known to want.
	Path string `json:"path,omitempty"`
	// Anonymous asks without credentials, whatever the environment has.
	Anonymous bool `json:"anonymous,omitempty"`
}

const nameLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

// CheckName fails for what cannot be an alias.
func CheckName(name string) error {
	if name == "" || name[0] == '-' || strings.Trim(name, nameLetters) != "" {
		return fmt.Errorf("alias %q: only letters, digits, - and _ make a name", name)
	}
	return nil
}

// New makes an alias from what a person wrote. No error contains a key, nor
// the URL where one could be in it.
func New(rawURL, accessKey, secretKey string) (Alias, error) {
	u, err := parseURL(rawURL)
	if err != nil {
		return Alias{}, err
	}
	if (accessKey == "") != (secretKey == "") {
		return Alias{}, errors.New("an access key and a secret key come together")
	}
	return Alias{URL: u, AccessKey: accessKey, SecretKey: secretKey}, nil
}

func parseURL(raw string) (string, error) {
	if !strings.Contains(raw, "://") {
		return "", errors.New("the URL must begin with http:// or https://")
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil: // it would print the URL
		return "", errors.New("the URL cannot be understood")
	case u.Scheme != "http" && u.Scheme != "https":
		return "", errors.New("the URL must begin with http:// or https://")
	case u.User != nil:
		return "", errors.New("the URL must have no keys in it: they are arguments of their own")
	case u.Host == "" || u.Hostname() == "":
		return "", errors.New("the URL has no host")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		return "", fmt.Errorf("URL %s://%s…: nothing can follow the host", u.Scheme, u.Host)
	}
	return u.Scheme + "://" + u.Host, nil
}
