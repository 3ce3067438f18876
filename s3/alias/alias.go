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
	// Dialect names what the store is, or what it lacks of S3's API; "auto" or "" finds out.
	Dialect string `json:"dialect,omitempty"`
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

// New makes an alias from what a person wrote. Behind the URL can be options:
// ?region=REGION&path=on|off|auto&dialect=NAME. No error contains a key, nor
// the URL where one could be in it.
func New(rawURL, accessKey, secretKey string) (Alias, error) {
	a, err := parseURL(rawURL)
	if err != nil {
		return Alias{}, err
	}
	if (accessKey == "") != (secretKey == "") {
		return Alias{}, errors.New("an access key and a secret key come together")
	}
	a.AccessKey, a.SecretKey = accessKey, secretKey
	return a, nil
}

func parseURL(raw string) (Alias, error) {
	if !strings.Contains(raw, "://") {
		return Alias{}, errors.New("the URL must begin with http:// or https://")
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil: // it would print the URL
		return Alias{}, errors.New("the URL cannot be understood")
	case u.Scheme != "http" && u.Scheme != "https":
		return Alias{}, errors.New("the URL must begin with http:// or https://")
	case u.User != nil:
		return Alias{}, errors.New("the URL must have no keys in it: they are arguments of their own")
	case u.Host == "" || u.Hostname() == "":
		return Alias{}, errors.New("the URL has no host")
	case u.Path != "" && u.Path != "/" || u.Fragment != "":
		return Alias{}, fmt.Errorf("URL %s://%s…: only ?region=, path= and dialect= can follow the host", u.Scheme, u.Host)
	}
	a := Alias{URL: u.Scheme + "://" + u.Host}
	return a, a.setOptions(u)
}

// setOptions takes the options behind a URL.
func (a *Alias) setOptions(u *url.URL) error {
	options, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errors.New("the URL's options cannot be understood")
	}
	for name, values := range options {
		switch value := values[len(values)-1]; name {
		case "region":
			a.Region = value
		case "path":
			a.Path = value
		case "dialect":
			a.Dialect = value
		default:
			return fmt.Errorf("URL %s…: its options are region=, path= and dialect=, and no other", a.URL)
		}
	}
	return CheckPath(a.Path)
}

// CheckPath fails for a text that is no value of an alias's Path.
func CheckPath(path string) error {
	switch path {
	case "on", "off", "auto", "":
		return nil
	}
	return errors.New("the path option is on, off or auto")
}
