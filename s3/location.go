package s3

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"bootrc/s3/alias"
	"bootrc/s3/remote"
)

// location is one side as it was written: a folder, or a place in a store.
type location struct {
	text   string
	folder string // absolute; "" for a place in a store

	alias       alias.Alias
	name        string // the alias's; "" for s3://
	bucket, key string
}

// isFolder tells whether it is a folder on this machine.
func (l location) isFolder() bool { return l.folder != "" }

// resolver finds out what locations mean.
type resolver struct {
	aliases  alias.Set
	dir      string // the caller's
	getenv   func(string) string
	endpoint string // for s3://
}

// locate reads a location. As in mc, ALIAS/BUCKET/KEY is in the alias's store;
// unlike there, a path like that which is neither in an alias's store nor a folder
// that exists is an error, and no folder that is made.
func (r *resolver) locate(text string) (location, error) {
	if rest, ok := strings.CutPrefix(text, "s3://"); ok {
		a, err := r.environmentAlias()
		if err != nil {
			return location{}, err
		}
		return newLocation(text, "", a, rest)
	}
	first, rest, slash := strings.Cut(text, "/")
	isPath := !slash || first == "" || first == "." || first == ".."
	if first != "" {
		a, ok, err := r.aliases.Lookup(first)
		if err != nil {
			return location{}, err
		}
		if ok {
			return newLocation(text, first, a, rest)
		}
	}
	folder := text
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(r.dir, folder)
	}
	if _, err := os.Stat(folder); err != nil && !isPath {
		return location{}, fmt.Errorf("%s: there is no alias %q (b2c.minio=%s,URL,ACCESS_KEY,SECRET_KEY makes it, and `s3 alias ls` lists those there are), and no such folder",
			text, first, first)
	}
	return location{text: text, folder: folder}, nil
}

func newLocation(text, name string, a alias.Alias, path string) (location, error) {
	bucket, key, _ := strings.Cut(path, "/")
	if bucket != "" {
		if err := remote.CheckBucket(bucket); err != nil {
			return location{}, err
		}
	}
	return location{text: text, name: name, alias: a, bucket: bucket, key: key}, nil
}

// environmentAlias is the store that s3:// means: as for AWS's own programs.
func (r *resolver) environmentAlias() (alias.Alias, error) {
	endpoint := r.endpoint
	for _, name := range []string{"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"} {
		if endpoint == "" {
			endpoint = r.getenv(name)
		}
	}
	if endpoint == "" {
		endpoint = "https://s3.amazonaws.com"
	}
	a, err := alias.New(endpoint, "", "")
	if err != nil {
		return a, fmt.Errorf("endpoint of s3://: %w", err)
	}
	return a, nil
}

// prefix returns the place as a folder of objects.
func (l location) prefix(s *remote.Store) (*remote.Prefix, error) {
	if l.bucket == "" {
		return nil, fmt.Errorf("%s: no bucket is named", l.text)
	}
	key := l.key
	if key != "" && !strings.HasSuffix(key, "/") {
		key += "/"
	}
	return &remote.Prefix{Store: s, Bucket: l.bucket, Prefix: key}, nil
}

var errTwoFolders = errors.New("one side has to be in a store: ALIAS/BUCKET[/PREFIX] or s3://BUCKET[/PREFIX]")
