package signature

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"bootrc/kit/clock"
	"bootrc/kit/foreign"
	"bootrc/oci/reference"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Rule says what of the images whose names begin with a prefix may run.
type Rule struct {
	Prefix string `json:"prefix"` // as reference.Covered has it

	Keys     [][]byte `json:"keys,omitempty"`     // a signature by one of them allows an image; as ParseKeys reads them
	Unsigned bool     `json:"unsigned,omitempty"` // every image may run
	Pinned   bool     `json:"pinned,omitempty"`   // so may one whose digest the reference has
	Named    bool     `json:"named,omitempty"`    // a signature must name repository and tag
	Forward  bool     `json:"forward,omitempty"`  // no image may be older than the one in the store by its name
}

// Rules are those of a machine. Without any, every image may run.
type Rules []Rule

// Refusal is why an image may not run.
type Refusal struct{ why string }

func (r *Refusal) Error() string { return r.why }

func refuse(format string, args ...any) error { return &Refusal{fmt.Sprintf(format, args...)} }

// For returns the rules with the longest prefix of those that cover a reference, or a Refusal
// where there is none.
func (rules Rules) For(ref reference.Reference) (Rules, error) {
	longest := 0
	var found Rules
	for _, rule := range rules {
		switch n := ref.Covered(rule.Prefix); {
		case n == 0 || n < longest:
		case n > longest:
			longest, found = n, Rules{rule}
		default:
			found = append(found, rule)
		}
	}
	if found == nil {
		return nil, refuse("no rule of b2c.verify= allows %s", ref)
	}
	return found, nil
}

// Free tells whether the rules allow every image under a reference. Digits of an image in the store
// have no prefix.
func (rules Rules) Free(ref reference.Reference) bool {
	return slices.ContainsFunc(rules, func(r Rule) bool {
		return r.Unsigned && (ref.Transport != reference.Stored || r.Prefix == "*")
	})
}

// isPinned tells whether one of the rules allows an image since the reference has a digest of it: that
// of its manifest or of an index that leads there or, in the store, all digits of its ID.
func (rules Rules) isPinned(ref reference.Reference, digests []v1.Hash) bool {
	return slices.ContainsFunc(rules, func(r Rule) bool {
		if ref.Transport == reference.Stored {
			return r.Pinned && r.Prefix == "*" && len(strings.TrimPrefix(ref.Name, "sha256:")) == sha256.Size*2
		}
		return r.Pinned && slices.Contains(digests, ref.Digest)
	})
}

// Forward tells whether one of the rules forbids an older image than the store's.
func (rules Rules) Forward() bool {
	return slices.ContainsFunc(rules, func(r Rule) bool { return r.Forward })
}

// Check fails with a Refusal unless one of the rules allows the image of that manifest digest to
// run under the reference's name, at that time.
func (rules Rules) Check(ref reference.Reference, image v1.Hash, proof *Proof, now time.Time) error {
	if rules.Free(ref) {
		return nil
	}
	if proof == nil {
		proof = new(Proof)
	}
	digests := proof.Digests(image)
	if rules.isPinned(ref, digests) {
		return nil
	}
	if len(proof.Signatures) == 0 {
		return refuse("it is not signed, as b2c.verify=%s wants it", rules[0].Prefix)
	}
	why := fmt.Errorf("none of its signatures (%d) is by a key of b2c.verify=%s", len(proof.Signatures), rules[0].Prefix)
	for _, rule := range rules {
		for _, s := range proof.Signatures {
			if signed, err := rule.isSigner(s); err != nil {
				return err
			} else if !signed {
				continue
			}
			c, err := s.claim()
			if err == nil {
				err = rule.checkClaim(c, ref, digests, now)
			}
			if err == nil {
				return nil
			}
			why = fmt.Errorf("a signature by the key of b2c.verify=%s does not allow it: %w", rule.Prefix, err)
		}
	}
	return refuse("%v", why)
}

// isSigner tells whether the signature is by one of the rule's keys.
func (r Rule) isSigner(s Signature) (bool, error) {
	for _, data := range r.Keys {
		keys, err := ParseKeys(data)
		if err != nil {
			return false, fmt.Errorf("b2c.verify=%s: %w", r.Prefix, err)
		}
		if slices.ContainsFunc(keys, func(key Key) bool { return isSignedBy(key, s.message(), s.Value) }) {
			return true, nil
		}
	}
	return false, nil
}

// with reads what the claim says beside the digest: the reference under which it was signed, or
// annotations.
func (c claim) with(name string, more annotations) (claim, error) {
	if repository := more.text("repository"); repository != "" {
		name = repository
	}
	c.tag, c.expires = more.text("tag"), more.text("expires")
	if name == "" {
		return c, nil
	}
	ref, err := reference.ParseDocker(name)
	if err != nil {
		return c, fmt.Errorf("the name in it is none: %w", err)
	}
	c.repository = ref.Registry + "/" + ref.Repository
	// a tag that nobody wrote is no claim
	if c.tag == "" && strings.HasSuffix(name, ":"+ref.Tag) {
		c.tag = ref.Tag
	}
	return c, nil
}

// checkClaim tells why a claim, by the right key, does not allow the image to run as ref.
func (r Rule) checkClaim(c claim, ref reference.Reference, digests []v1.Hash, now time.Time) error {
	isStored := ref.Transport == reference.Stored
	name := ref.Registry + "/" + ref.Repository
	switch {
	case len(c.digests) == 0:
		return errors.New("it has no digest")
	case !slices.ContainsFunc(digests, func(d v1.Hash) bool { return slices.Contains(c.digests, d.String()) }):
		return fmt.Errorf("it is of another image, %s", foreign.Line(c.digests[0]))
	case c.repository == "" && r.Named:
		return errors.New("it names no repository")
	case c.tag == "" && r.Named && ref.Tag != "":
		return errors.New("it names no tag")
	case isStored && c.repository != "" && !covers(r.Prefix, c.repository),
		!isStored && c.repository != "" && c.repository != name:
		return fmt.Errorf("it is for %s", foreign.Line(c.repository))
	case c.tag != "" && ref.Tag != "" && c.tag != ref.Tag:
		return fmt.Errorf("it is for the tag %s", foreign.Line(c.tag))
	}
	return checkExpiry(c.expires, now)
}

func covers(prefix, repository string) bool {
	ref, err := reference.ParseDocker(repository)
	return err == nil && ref.Covered(prefix) > 0
}

// checkExpiry also fails where the clock cannot tell.
func checkExpiry(expires string, now time.Time) error {
	if expires == "" {
		return nil
	}
	until, err := time.Parse(time.RFC3339, expires)
	switch {
	case err != nil:
		return fmt.Errorf("its time %.40q is not like 2026-12-31T00:00:00Z", expires)
	case clock.Stopped(now):
		return fmt.Errorf("it is valid until %s, and the clock says %s: b2c.ntp_peer= sets it", until.Format(time.RFC3339), now.UTC().Format(time.DateOnly))
	case !now.Before(until):
		return fmt.Errorf("it was valid until %s", until.Format(time.RFC3339))
	}
	return nil
}

// CheckAge refuses an image that was made before the last one of its name.
func CheckAge(made, last time.Time) error {
	if made.Before(last) {
		return refuse("it is older, of %s, than the image of that name that ran last, of %s", made.Format(time.RFC3339), last.Format(time.RFC3339))
	}
	return nil
}
