package remote

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/encrypt"
)

// Encryption is how objects are encrypted at the server.
type Encryption struct {
	side encrypt.ServerSide // nil for what the bucket's owner has set
}

// customerKey tells whether every request needs the key (SSE-C).
func (e Encryption) customerKey() bool { return e.side != nil && e.side.Type() == encrypt.SSEC }

// hidesMD5 tells that ETags are no MD5 of the content.
func (e Encryption) hidesMD5() bool { return e.side != nil && e.side.Type() != encrypt.S3 }

// ParseKey reads a key of 32 bytes, for SSE-C: in hexadecimal, in base64 with or
// without padding, or as it is. No error contains it.
func ParseKey(text string) (Encryption, error) {
	for _, decode := range []func(string) ([]byte, error){
		hex.DecodeString,
		base64.StdEncoding.DecodeString,
		base64.RawStdEncoding.DecodeString,
		func(text string) ([]byte, error) { return []byte(text), nil },
	} {
		key, err := decode(text)
		if err != nil || len(key) != sha256.Size {
			continue
		}
		side, err := encrypt.NewSSEC(key)
		return Encryption{side}, err
	}
	return Encryption{}, errors.New("a key has 32 bytes, written in hexadecimal, in base64 or as they are")
}

// ParseServerSide reads "s3" (SSE-S3), or "kms:KEY-ID" (SSE-KMS), the key that
// the server takes from its key management.
func ParseServerSide(text string) (Encryption, error) {
	if strings.EqualFold(text, "s3") {
		return Encryption{encrypt.NewSSE()}, nil
	}
	if id, ok := strings.CutPrefix(text, "kms:"); ok && id != "" {
		side, err := encrypt.NewSSEKMS(id, nil)
		return Encryption{side}, err
	}
	return Encryption{}, fmt.Errorf("%q: encryption is s3 or kms:KEY-ID", text)
}

func (p *Prefix) readOptions() minio.GetObjectOptions {
	o := minio.GetObjectOptions{Checksum: !p.dialect.lacks(lacksChecksums)}
	if p.Encryption.customerKey() {
		o.ServerSideEncryption = p.Encryption.side
	}
	return o
}

// Check fails where the encryption cannot be used with this store.
func (p *Prefix) Check() error {
	if p.Encryption.customerKey() && !strings.HasPrefix(p.Alias.URL, "https://") {
		return fmt.Errorf("%s: an encryption key is only sent over https", p.Alias.URL)
	}
	return CheckBucket(p.Bucket)
}
