package oci

import (
	"context"
	"errors"
	"time"

	"bootrc/oci/reference"
	"bootrc/oci/signature"
	"bootrc/oci/store"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// guard lets an image into the store, and run, only as the machine's rules say.
type guard struct {
	store *store.Store
	ref   reference.Reference
	rules signature.Rules // that are for the reference; none: there are none at all
	proof *signature.Proof
}

// newGuard reads the rules. An error says that none allows the reference.
func newGuard(s *store.Store, ref reference.Reference, o Options) (*guard, error) {
	rules, err := signature.Load(o.Rules)
	if err == nil && len(rules) > 0 && ref.Transport != reference.Stored {
		rules, err = rules.For(ref)
	}
	return &guard{store: s, ref: ref, rules: rules}, err
}

// signer is a source that may have signatures.
type signer interface {
	Signatures(ctx context.Context, digest v1.Hash) ([]signature.Signature, error)
}

// prove gets the signatures of an image from where it is pulled, and checks them.
func (g *guard) prove(ctx context.Context, src source, indexes [][]byte, image v1.Hash) error {
	if len(g.rules) == 0 || g.rules.Free(g.ref) {
		return nil
	}
	proof := &signature.Proof{Indexes: indexes}
	pinned := g.rules.Check(g.ref, image, proof, time.Now()) == nil
	if s, ok := src.(signer); ok && !pinned {
		for _, digest := range proof.Digests(image) {
			found, err := s.Signatures(ctx, digest)
			if err != nil {
				return err
			}
			proof.Signatures = append(proof.Signatures, found...)
		}
	}
	proof.Signatures = proof.Signatures[:min(len(proof.Signatures), signature.MaxSignatures)]
	if err := g.rules.Check(g.ref, image, proof, time.Now()); err != nil {
		return err
	}
	g.proof = proof
	return nil
}

// keep keeps beside the image what prove has found.
func (g *guard) keep(image v1.Hash) error {
	if g.proof == nil {
		return nil
	}
	if _, err := g.store.Proof(image); err == nil && len(g.proof.Signatures) == 0 {
		return nil // signatures say more
	}
	return g.store.KeepProof(image, g.proof.Encode())
}

// check checks an image of the store.
func (g *guard) check(image *store.Image) error {
	if len(g.rules) == 0 || g.rules.Free(g.ref) {
		return nil
	}
	var proof *signature.Proof
	data, err := g.store.Proof(image.Digest)
	if err == nil {
		proof, err = signature.ParseProof(data)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return g.rules.Check(g.ref, image.Digest, proof, time.Now())
}

// checkAge refuses an image that is older than the one that has its name in the store, where a
// rule forbids that. The time in the configuration is signed with all the rest.
func (g *guard) checkAge(config *v1.ConfigFile) error {
	if len(g.rules) == 0 || !g.rules.Forward() {
		return nil
	}
	last, err := g.store.Named(g.ref.String())
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil || g.check(last) != nil {
		return err // what may not run says nothing
	}
	return signature.CheckAge(config.Created.Time, last.Config.Created.Time)
}
