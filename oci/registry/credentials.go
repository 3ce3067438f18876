package registry

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"bootrc/kit/regular"
)

// Credentials are what a registry knows its user by.
type Credentials struct {
	User, Password string

	// IdentityToken stands for user and password where tokens are asked for: OAuth 2.0's
	// refresh token.
	IdentityToken string
	// RegistryToken is one that serves as it is.
	RegistryToken string
}

// String hides the secrets from whatever prints the value.
func (c Credentials) String() string { return c.User + ":***" }

// GoString hides them from %#v.
func (c Credentials) GoString() string { return c.String() }

// ParseCredentials reads USER:PASSWORD, as podman's --creds takes it.
func ParseCredentials(s string) (*Credentials, error) {
	user, password, ok := strings.Cut(s, ":")
	if !ok || user == "" {
		// not quoted: it may be a password alone.
		return nil, errors.New("expected USER:PASSWORD")
	}
	return &Credentials{User: user, Password: password}, nil
}

// maxAuthFile bounds an authentication file, in bytes.
const maxAuthFile = 1 << 20

// authFile is containers-auth.json(5), or docker's config.json.
type authFile struct {
	Auths map[string]authEntry `json:"auths"`
}

type authEntry struct {
	Auth          string `json:"auth,omitempty"`
	Username      string `json:"username,omitempty"`
	Password      string `json:"password,omitempty"`
	IdentityToken string `json:"identitytoken,omitempty"`
	RegistryToken string `json:"registrytoken,omitempty"`
}

// credentialsFor returns what the first of the files that knows the repository, or a part of
// its name, has for it, or nil.
func credentialsFor(files []string, registry, repository string) (*Credentials, error) {
	for _, file := range files {
		b, err := regular.Read(file, maxAuthFile)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read credentials: %w", err)
		}
		entries, err := parseAuthFile(b)
		if err != nil {
			return nil, fmt.Errorf("read credentials: %s %w", file, err)
		}
		for _, key := range authKeys(registry, repository) {
			entry, ok := entries[key]
			if !ok {
				continue
			}
			c, err := entry.credentials()
			if err != nil {
				return nil, fmt.Errorf("read credentials: %s: the entry of %s is broken", file, key)
			}
			if c != nil {
				return c, nil
			}
		}
	}
	return nil, nil
}

// parseAuthFile returns a file's entries by their names as authKeys has them. Docker's oldest
// form, .dockercfg, has them at the top.
func parseAuthFile(b []byte) (map[string]authEntry, error) {
	var file authFile
	err := json.Unmarshal(b, &file)
	if err == nil && file.Auths == nil {
		// another file's members are no entries: what fails has none
		if json.Unmarshal(b, &file.Auths) != nil {
			return nil, nil
		}
	}
	if err != nil {
		// what the decoder says may quote the file.
		return nil, errors.New("is not JSON as containers-auth.json(5) describes it")
	}
	entries := make(map[string]authEntry)
	for name, entry := range file.Auths {
		key := authKey(name)
		if _, twice := entries[key]; !twice || key == name {
			entries[key] = entry
		}
	}
	return entries, nil
}

// authKey is an entry's name as authKeys has it. Docker writes "https://index.docker.io/v1/",
// other programs http://HOST/v2/, https://HOST/ or HOST/.
func authKey(name string) string {
	_, key, ok := strings.Cut(name, "://")
	if !ok {
		key = name
	}
	key = strings.TrimRight(key, "/")
	for _, version := range []string{"/v1", "/v2"} {
		if host, ok := strings.CutSuffix(key, version); ok && !strings.Contains(host, "/") {
			key = host
		}
	}
	host, path, isPath := strings.Cut(key, "/")
	if slices.Contains([]string{"index.docker.io", "registry-1.docker.io"}, host) {
		key = "docker.io"
		if isPath {
			key += "/" + path
		}
	}
	return key
}

// authKeys lists the names under which credentials for the repository may be filed, the
// closest first: containers-auth.json(5).
func authKeys(registry, repository string) []string {
	var keys []string
	name := registry + "/" + repository
	for name != registry {
		keys = append(keys, name)
		name = name[:strings.LastIndexByte(name, '/')]
	}
	return append(keys, registry)
}

// credentials returns nil for an entry without any: a program elsewhere keeps them.
func (e authEntry) credentials() (*Credentials, error) {
	c := &Credentials{User: e.Username, Password: e.Password, IdentityToken: e.IdentityToken, RegistryToken: e.RegistryToken}
	if e.Auth != "" {
		b, err := base64.StdEncoding.DecodeString(e.Auth)
		user, password, ok := strings.Cut(strings.TrimRight(string(b), "\x00"), ":")
		if err != nil || !ok {
			return nil, errors.New("it is not base64 of USER:PASSWORD")
		}
		c.User, c.Password = user, password
	}
	if *c == (Credentials{}) {
		return nil, nil
	}
	return c, nil
}
