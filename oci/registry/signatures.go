package registry

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"bootrc/kit/transport"
	"bootrc/oci/manifest"
	"bootrc/oci/signature"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// maxSignature bounds a signature's text or bundle, in bytes.
const maxSignature = 1 << 20

// maxReferrers bounds how many documents that refer to an image are asked for.
const maxReferrers = 4 * signature.MaxSignatures

// Signatures returns those that the repository has of a manifest or an index: in the manifest
// with the tag that cosign makes of the digest, and in those that refer to it
// (distribution-spec, "Listing Referrers", and its tag for registries without). What is broken
// of them is left out. An error is one of the registry.
func (r *Repository) Signatures(ctx context.Context, digest v1.Hash) ([]signature.Signature, error) {
	dashed := digest.Algorithm + "-" + digest.Hex
	var all []signature.Signature
	attached, err := r.optional(ctx, "/manifests/"+dashed+".sig")
	if err != nil {
		return nil, err
	}
	if attached != nil {
		if all, err = r.signaturesIn(ctx, attached); err != nil {
			return nil, err
		}
	}
	referrers, err := r.optional(ctx, "/referrers/"+digest.String())
	if err == nil && (referrers == nil || len(referrers.Manifests) == 0) {
		referrers, err = r.optional(ctx, "/manifests/"+dashed)
	}
	if err != nil {
		return nil, err
	}
	if referrers == nil {
		return all, nil
	}
	asked := 0
	for _, d := range referrers.Manifests {
		if !mayHaveSignatures(d.ArtifactType) {
			continue
		}
		if asked++; asked > maxReferrers || len(all) >= signature.MaxSignatures {
			break
		}
		document, err := r.optional(ctx, "/manifests/"+d.Digest.String())
		if err != nil {
			return nil, err
		}
		if document == nil || document.Digest != d.Digest {
			continue
		}
		more, err := r.signaturesIn(ctx, document)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// mayHaveSignatures tells by the type of an artifact: some registries say nothing in its place,
// or give that of its configuration.
func mayHaveSignatures(kind string) bool {
	return kind == "" || kind == "application/vnd.oci.empty.v1+json" || signature.IsBundle(kind) || strings.HasPrefix(kind, "application/vnd.dev.cosign.")
}

// signaturesIn returns the signatures in a manifest's layers.
func (r *Repository) signaturesIn(ctx context.Context, document *manifest.Document) ([]signature.Signature, error) {
	var all []signature.Signature
	for _, l := range slices.Backward(document.Layers) { // cosign adds the newest at the end
		kind := string(l.MediaType)
		if l.Size > maxSignature || l.Size < 0 || kind != signature.SimpleType && !signature.IsBundle(kind) || len(all) >= signature.MaxSignatures {
			continue
		}
		blob, err := r.Blob(ctx, l)
		if err != nil {
			return nil, err
		}
		content, err := transport.ReadAll(blob.Content, l.Size)
		blob.Content.Close()
		if err = absent(err); err != nil {
			return nil, err
		}
		if found, err := signature.Of(kind, l.Annotations[signature.Annotation], content); err == nil {
			all = append(all, found...)
		}
	}
	return all, nil
}

// optional returns a manifest or an index, or nil where the registry has none.
func (r *Repository) optional(ctx context.Context, path string) (*manifest.Document, error) {
	var d *manifest.Document
	err := r.patience.try(ctx, func() error {
		resp, err := r.get(ctx, path, http.Header{"Accept": {acceptManifests}})
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		raw, err := manifest.ReadAll(resp.Body, "manifest")
		if err != nil {
			return transientRead(err)
		}
		if d, err = manifest.Parse(raw, types.MediaType(resp.Header.Get("Content-Type")), v1.Hash{}); err != nil {
			d = nil // a page, where there is no such interface
		}
		return nil
	})
	return d, absent(err)
}

// absent returns nil for an error that says that there is no such thing, or none for us.
func absent(err error) error {
	var status *statusError
	if errors.As(err, &status) && status.code < http.StatusInternalServerError && !status.isTransient() && status.limit == "" {
		return nil
	}
	return err
}
