// Package registry reads images from registries, by OCI's distribution-spec.
package registry

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"

	"bootrc/oci/layer"
	"bootrc/oci/manifest"
	"bootrc/oci/reference"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// acceptManifests is what manifests are asked for as. Schema 1 is not among
// them: registries that have nothing else serve it all the same, and get named
// in the error.
var acceptManifests = strings.Join([]string{
	string(types.OCIManifestSchema1), string(types.OCIImageIndex),
	string(types.DockerManifestSchema2), string(types.DockerManifestList),
}, ", ")

// Options are how a registry is asked.
type Options struct {
	// TLSVerify asks for https with a certificate that is trusted. Without it,
	// any certificate and plain http will do.
	TLSVerify bool

	// Credentials are for the registry. Without them, AuthFile is searched, if it
	// names a file: containers-auth.json(5), which docker's config.json is like.
	Credentials *Credentials
	AuthFile    string

	// Patience is for failures that may pass; nil is Patient.
	Patience *Patience
}

// Brief returns the options for a registry whose answer can be done without.
func (o Options) Brief() Options {
	patience := o.patience().Brief()
	o.Patience = &patience
	return o
}

func (o Options) patience() Patience {
	if o.Patience == nil {
		return Patient
	}
	return *o.Patience
}

// Repository is one of a registry's. It asks for what it wants at once, without a
// request to /v2/ first: how to authenticate is said by the answer 401.
type Repository struct {
	ref      reference.Reference
	client   *http.Client
	schemes  []string // that may be right; one is left as soon as it has answered
	auth     authorizer
	patience Patience
	noRanges atomic.Bool // blobs are not put together from ranges
}

// Open returns the repository of the reference. No request is made yet.
func Open(ctx context.Context, ref reference.Reference, o Options) (*Repository, error) {
	credentials, err := o.credentialsFor(ref)
	if err != nil {
		return nil, err
	}
	r := &Repository{
		ref:      ref,
		client:   newClient(o.TLSVerify, o.patience().Limits),
		schemes:  []string{"https"},
		patience: o.patience(),
	}
	r.auth = authorizer{
		registry:    ref.Registry,
		scope:       "repository:" + ref.Repository + ":pull",
		credentials: credentials,
		insecure:    !o.TLSVerify,
		client:      r.client,
	}
	if !o.TLSVerify {
		r.schemes = schemesFor(ctx, ref.Registry, credentials != nil)
	}
	return r, nil
}

// host returns where the registry listens: Docker's is not where its name says.
func (r *Repository) host() string {
	if r.ref.Registry == "docker.io" {
		return "registry-1.docker.io"
	}
	return r.ref.Registry
}

// Manifest returns the manifest or index of that digest; for the zero digest, that
// of the reference.
func (r *Repository) Manifest(ctx context.Context, digest v1.Hash) (*manifest.Document, error) {
	if digest.Hex == "" {
		digest = r.ref.Digest
	}
	name := r.ref.Tag
	if digest.Hex != "" {
		name = digest.String()
	}
	var d *manifest.Document
	err := r.patience.try(ctx, func() error {
		resp, err := r.get(ctx, "/manifests/"+name, http.Header{"Accept": {acceptManifests}})
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		raw, err := manifest.ReadAll(resp.Body, "manifest")
		if err != nil {
			return transientRead(err)
		}
		d, err = manifest.Parse(raw, types.MediaType(resp.Header.Get("Content-Type")), digest)
		return err
	})
	return d, err
}

// Blob opens a configuration or a layer.
func (r *Repository) Blob(ctx context.Context, d v1.Descriptor) (layer.Blob, error) {
	return layer.Blob{Content: newBlobReader(ctx, r, d), Digest: d.Digest, Size: d.Size}, nil
}

// Close leaves connections to the next pull from the same registry.
func (r *Repository) Close() error { return nil }

// get asks for a part of the repository once. All answers but success are
// errors.
func (r *Repository) get(ctx context.Context, path string, header http.Header) (*http.Response, error) {
	var first error
	for i, scheme := range r.schemes {
		resp, err := r.getBy(ctx, scheme, path, header)
		if len(r.schemes) == 1 {
			return resp, r.named(err)
		}
		if err == nil || !isWrongScheme(err, scheme) {
			r.schemes = []string{scheme}
			return resp, r.named(err)
		}
		if first == nil {
			first = err
		}
		if ctx.Err() != nil || i+1 == len(r.schemes) || isSamePort(err, r.ref.Registry) {
			return nil, r.named(joinSchemes(first, err, r.schemes))
		}
	}
	return nil, fmt.Errorf("registry %s: neither https nor http is allowed", r.ref.Registry)
}

func (r *Repository) getBy(ctx context.Context, scheme, path string, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+r.host()+"/v2/"+r.ref.Repository+path, nil)
	if err != nil {
		return nil, err
	}
	for key, values := range header {
		req.Header[key] = values
	}
	req.Header.Set("User-Agent", userAgent)
	resp, err := r.auth.do(req)
	if err != nil {
		return nil, plainError(err)
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusPartialContent {
		return nil, newStatusError(resp)
	}
	return resp, nil
}

func (r *Repository) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("registry %s: %w", r.ref.Registry, err)
}
