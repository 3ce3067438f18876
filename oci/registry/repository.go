package oci

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"bootrc/oci/layer"

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

// registry is a repository in a registry that speaks distribution-spec's pull
// API. It asks for what it wants at once, without a request to /v2/ first: how
// to authenticate is said by the answer 401.
type registry struct {
	ref     Reference
	client  *http.Client
	schemes []string // that may be right; one is left as soon as it has answered
	auth    authorizer
	pace    pace
}

func newRegistry(ctx context.Context, ref Reference, o Options) (*registry, error) {
	credentials, err := o.credentialsFor(ref)
	if err != nil {
		return nil, err
	}
	r := &registry{
		ref:     ref,
		client:  newClient(o.TLSVerify),
		schemes: []string{"https"},
		pace:    o.pace.orDefault(),
	}
	r.auth = authorizer{
		registry:    ref.registry,
		scope:       "repository:" + ref.repository + ":pull",
		credentials: credentials,
		insecure:    !o.TLSVerify,
		client:      r.client,
	}
	if !o.TLSVerify {
		r.schemes = schemesFor(ctx, ref.registry, credentials != nil)
	}
	return r, nil
}

// host returns where the registry listens: Docker's is not where its name says.
func (r *registry) host() string {
	if r.ref.registry == "docker.io" {
		return "registry-1.docker.io"
	}
	return r.ref.registry
}

func (r *registry) manifest(ctx context.Context, digest v1.Hash) (*document, error) {
	if digest.Hex == "" {
		digest = r.ref.digest
	}
	name := r.ref.tag
	if digest.Hex != "" {
		name = digest.String()
	}
	var d *document
	err := r.pace.try(ctx, func() error {
		resp, err := r.get(ctx, "/manifests/"+name, http.Header{"Accept": {acceptManifests}})
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		raw, err := readAll(resp.Body, "manifest")
		if err != nil {
			return transientRead(err)
		}
		d, err = parseDocument(raw, types.MediaType(resp.Header.Get("Content-Type")), digest)
		return err
	})
	return d, err
}

func (r *registry) blob(ctx context.Context, d v1.Descriptor) (layer.Blob, error) {
	return layer.Blob{Content: newBlobReader(ctx, r, d), Digest: d.Digest, Size: d.Size}, nil
}

// close leaves connections to the next pull from the same registry.
func (r *registry) close() error { return nil }

// get asks for a part of the repository once. All answers but success are
// errors.
func (r *registry) get(ctx context.Context, path string, header http.Header) (*http.Response, error) {
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
		if ctx.Err() != nil || i+1 == len(r.schemes) || isSamePort(err, r.ref.registry) {
			return nil, r.named(joinSchemes(first, err, r.schemes))
		}
	}
	return nil, fmt.Errorf("registry %s: no scheme to speak", r.ref.registry)
}

func (r *registry) getBy(ctx context.Context, scheme, path string, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+r.host()+"/v2/"+r.ref.repository+path, nil)
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

func (r *registry) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("registry %s: %w", r.ref.registry, err)
}

// drain reads the rest of an answer, so that its connection serves the next
// request.
func drain(resp *http.Response) {
	io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	resp.Body.Close()
}
