package registry

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"bootrc/oci/reference"
)

// Credentials are a registry's user and password.
type Credentials struct {
	User, Password string
}

// String hides the password from whatever prints the value.
func (c Credentials) String() string { return c.User + ":***" }

// GoString hides it from %#v.
func (c Credentials) GoString() string { return c.String() }

// ParseCredentials reads USER:PASSWORD, as podman's --creds takes it.
func ParseCredentials(s string) (*Credentials, error) {
	user, password, ok := strings.Cut(s, ":")
	if !ok || user == "" {
		// not quoted: it may be a password alone.
		return nil, errors.New("expected USER:PASSWORD")
	}
	return &Credentials{user, password}, nil
}

// credentialsFor returns the options' credentials, or those that the
// authentication file has for the reference, or nil.
func (o Options) credentialsFor(ref reference.Reference) (*Credentials, error) {
	if o.Credentials != nil || o.AuthFile == "" {
		return o.Credentials, nil
	}
	b, err := os.ReadFile(o.AuthFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read credentials: %w", err)
	}
	var file struct {
		Auths map[string]struct {
			Auth string `json:"auth"`
		} `json:"auths"`
	}
	// what the decoder says may quote the file.
	if json.Unmarshal(b, &file) != nil {
		return nil, fmt.Errorf("read credentials: %s is not JSON as containers-auth.json(5) describes it", o.AuthFile)
	}
	for _, key := range authKeys(ref) {
		if entry, ok := file.Auths[key]; ok && entry.Auth != "" {
			return decodeAuth(o.AuthFile, key, entry.Auth)
		}
	}
	return nil, nil
}

// authKeys lists the names under which credentials for the reference may be
// filed, the closest first: containers-auth.json(5).
func authKeys(ref reference.Reference) []string {
	var keys []string
	name := ref.Registry + "/" + ref.Repository
	for name != ref.Registry {
		keys = append(keys, name)
		name = name[:strings.LastIndexByte(name, '/')]
	}
	keys = append(keys, ref.Registry, "https://"+ref.Registry, "https://"+ref.Registry+"/v1/", "https://"+ref.Registry+"/v2/")
	if ref.Registry == "docker.io" {
		keys = append(keys, "https://index.docker.io/v1/", "index.docker.io")
	}
	return keys
}

func decodeAuth(file, key, auth string) (*Credentials, error) {
	b, err := base64.StdEncoding.DecodeString(auth)
	user, password, ok := strings.Cut(strings.TrimRight(string(b), "\x00"), ":")
	if err != nil || !ok {
		return nil, fmt.Errorf("read credentials: %s: the entry of %s is broken", file, key)
	}
	return &Credentials{user, password}, nil
}
