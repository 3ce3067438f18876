package store

import (
	"fmt"
	"os"

	"bootrc/kit/durable"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// maxProof bounds what is kept beside an image, in bytes.
const maxProof = 64 << 20

func (s *Store) proofPath(digest v1.Hash) string { return s.path("proofs", digest.Hex) }

// KeepProof keeps what proves that the image of that manifest digest may run, in the place of
// earlier proof, until the image is removed. It may be of an attached store.
func (s *Store) KeepProof(digest v1.Hash, proof []byte) error {
	if err := s.keepProof(digest, proof); err != nil {
		return fmt.Errorf("keep the signatures of %s: %w", digest, err)
	}
	return nil
}

func (s *Store) keepProof(digest v1.Hash, proof []byte) error {
	w, err := s.scratch()
	if err != nil {
		return err
	}
	defer w.Release()
	if err := os.WriteFile(w.Path("proof"), proof, 0o644); err != nil {
		return err
	}
	if err := s.sync(); err != nil {
		return err
	}
	if err := durable.Place(w.Path("proof"), s.proofPath(digest)); err != nil {
		return err
	}
	return s.sync()
}

// Proof returns what KeepProof has kept, or an error that wraps ErrNotFound.
func (s *Store) Proof(digest v1.Hash) ([]byte, error) {
	return readFile(s.proofPath(digest), maxProof)
}

// collectProofs takes out those of images that are no more.
func (r *removal) collectProofs() error {
	return r.each("proofs", func(name, path string) error {
		if r.inventory[name] != nil || r.s.isAttached(v1.Hash{Algorithm: "sha256", Hex: name}) {
			return nil
		}
		return r.take(path)
	})
}

func (s *Store) isAttached(digest v1.Hash) bool {
	for _, from := range s.attached.all() {
		if _, _, err := from.image(digest); err == nil {
			return true
		}
	}
	return false
}
