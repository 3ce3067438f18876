// Package registry reads images from registries, by OCI's distribution-spec.
package registry

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"bootrc/kit/transport"
	"bootrc/oci/layer"
	"bootrc/oci/manifest"
	"bootrc/oci/reference"
	"bootrc/oci/registry/config"

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

// Options are how a registry is asked. The zero value reads no file.
type Options struct {
	// TLSVerify asks for https with a certificate that is trusted. Without it,
	// any certificate and plain http will do.
	TLSVerify bool

	// Credentials are for the registry. Without them, the first of AuthFiles counts that knows
	// it: containers-auth.json(5), which docker's config.json is like.
	Credentials *Credentials
	AuthFiles   []string

	// CertsFolders are searched for certificates, as containers-certs.d(5) has it; CertFolder
	// is a registry's own folder in their place.
	CertsFolders []string
	CertFolder   string

	// ConfigFiles say which registries stand for which: config.Files.
	ConfigFiles []string

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
	place    config.Place
	options  Options
	client   *http.Client
	schemes  []string // that may be right; one is left as soon as it has answered
	patience Patience
	noRanges atomic.Bool // blobs are not put together from ranges

	mu    sync.Mutex
	auths map[string]*authorizer // by host
}

// Open returns the repositories that may have the reference's image, in the order in which to
// ask. No request is made yet.
func Open(ctx context.Context, ref reference.Reference, o Options) ([]*Repository, error) {
	c, err := config.Load(o.ConfigFiles)
	if err != nil {
		return nil, err
	}
	places, err := c.Places(ref)
	if err != nil {
		return nil, err
	}
	var all []*Repository
	for i, place := range places {
		own := o
		if i+1 < len(places) {
			own.Patience = o.patience().forMirror()
		}
		r, err := openAt(ctx, ref, place, own)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// openAt returns the repository at a place. The options' credentials are for the reference's
// registry, and for no mirror.
func openAt(ctx context.Context, ref reference.Reference, place config.Place, o Options) (*Repository, error) {
	if place.Mirror {
		o.Credentials = nil
	}
	o.TLSVerify = o.TLSVerify && !place.Insecure
	client, err := newClient(place.Registry, o.TLSVerify, o)
	if err != nil {
		return nil, err
	}
	r := &Repository{
		ref: ref, place: place, options: o, client: client,
		schemes:  []string{"https"},
		patience: o.patience(),
		auths:    make(map[string]*authorizer),
	}
	own, err := r.authFor(r.host())
	if err != nil {
		return nil, err
	}
	if !o.TLSVerify {
		r.schemes = schemesFor(ctx, place.Registry, own.credentials != nil)
	}
	return r, nil
}

// authFor returns what answers a host's 401: with the credentials for this repository, or, for a
// registry that this one leads to, those that a file has for it by name.
func (r *Repository) authFor(host string) (*authorizer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a := r.auths[host]; a != nil {
		return a, nil
	}
	a := &authorizer{
		registry:    host,
		scope:       "repository:" + r.place.Repository + ":pull",
		credentials: r.options.Credentials,
		insecure:    !r.options.TLSVerify,
		client:      r.client,
	}
	name := host
	if host == r.host() {
		name = r.place.Registry
	} else {
		a.credentials = nil
	}
	if a.credentials == nil {
		var err error
		if a.credentials, err = credentialsFor(r.options.AuthFiles, name, r.place.Repository); err != nil {
			return nil, err
		}
	}
	r.auths[host] = a
	return a, nil
}

// Name is the repository's, as it is asked for.
func (r *Repository) Name() string { return r.place.Registry + "/" + r.place.Repository }

// host returns where the registry listens: Docker's is not where its name says.
func (r *Repository) host() string {
	if r.place.Registry == "docker.io" {
		return "registry-1.docker.io"
	}
	return r.place.Registry
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
		if ctx.Err() != nil || i+1 == len(r.schemes) || isSamePort(err, r.place.Registry) {
			return nil, r.named(joinSchemes(first, err, r.schemes))
		}
	}
	return nil, fmt.Errorf("registry %s: neither https nor http is allowed", r.place.Registry)
}

func (r *Repository) getBy(ctx context.Context, scheme, path string, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+r.host()+"/v2/"+r.place.Repository+path, nil)
	if err != nil {
		return nil, err
	}
	for key, values := range header {
		req.Header[key] = values
	}
	req.Header.Set("User-Agent", userAgent)
	resp, err := r.do(req)
	if err != nil {
		return nil, plainError(err)
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusPartialContent {
		return nil, newStatusError(resp)
	}
	return resp, nil
}

// do sends a request. Where a registry leads to another one, which asks for a token of its own,
// that one is asked for what it was led to.
func (r *Repository) do(req *http.Request) (*http.Response, error) {
	auth, err := r.authFor(req.URL.Host)
	if err != nil {
		return nil, err
	}
	resp, err := auth.do(req)
	if err != nil || resp.StatusCode != http.StatusUnauthorized || resp.Request.URL.Host == req.URL.Host ||
		!strings.HasPrefix(resp.Request.URL.Path, "/v2/") {
		return resp, err
	}
	transport.Drain(resp)
	if auth, err = r.authFor(resp.Request.URL.Host); err != nil {
		return nil, err
	}
	again := req.Clone(transport.Led(req.Context()))
	again.URL, again.Host = resp.Request.URL, ""
	again.Header.Del("Authorization")
	return auth.do(again)
}

func (r *Repository) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("registry %s: %w", r.place.Registry, err)
}
