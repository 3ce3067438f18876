package remote

import (
	"crypto/md5"
	"encoding/base64"
	"hash"
	"hash/crc32"
)

// digest is a kind of checksum that goes with content, for the server to check.
type digest uint8

const (
	crc32c     digest = iota // x-amz-checksum-crc32c: Amazon S3 User Guide, "Checking object integrity"
	contentMD5               // Content-MD5, which every store knows
)

// digest returns the kind that the store takes.
func (s *Store) digest() digest {
	if s.dialect.lacks(lacksChecksums) {
		return contentMD5
	}
	return crc32c
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (d digest) new() hash.Hash {
	if d == contentMD5 {
		return md5.New()
	}
	return crc32.New(castagnoli)
}

func encode(sum hash.Hash) string { return base64.StdEncoding.EncodeToString(sum.Sum(nil)) }
