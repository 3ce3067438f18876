// Package remote is the side of a mirror that is in an S3-compatible store: the
// requests of the Amazon S3 API Reference, by minio-go, each tried again where
// that can help.
package remote

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"bootrc/kit/retry"
	"bootrc/kit/transport"
	"bootrc/s3/alias"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/s3utils"
)

// Options are how a store is asked.
type Options struct {
	// Getenv reads the caller's environment: credentials and proxies.
	Getenv func(string) string
	// Connections is how many requests there are at a time, at most.
	Connections int
	// Retries is how often a request is tried again.
	Retries int
	// Bandwidth is how many bytes a second of content and answers go over all
	// connections, both ways together. 0 is no limit.
	Bandwidth int64
	// CAFile has certificates, in PEM, that are trusted beside the system's.
	CAFile string
}

// Store is a connection to a store.
type Store struct {
	Alias alias.Alias

	core      *minio.Core
	transport *transport.Transport
	retries   retry.Policy
	streams   int
	skew      atomic.Int64 // nanoseconds that the server's clock is ahead
	dialect   dialect
	snapshots sync.Mutex // held by the one that has a part in memory
}

// Open prepares a connection; the first request makes it.
func Open(a alias.Alias, o Options) (*Store, error) {
	u, err := url.Parse(a.URL)
	if err != nil {
		return nil, err
	}
	if err := CheckDialect(a.Dialect); err != nil {
		return nil, fmt.Errorf("%s: %w", a.URL, err)
	}
	s := &Store{
		Alias: a, streams: o.Connections,
		retries: retry.Policy{Retries: o.Retries, First: 500 * time.Millisecond, Longest: 10 * time.Second},
	}
	s.dialect.add(dialects[a.Dialect])
	s.transport, err = newTransport(o)
	if err != nil {
		return nil, err
	}
	core, err := minio.NewCore(u.Host, &minio.Options{
		Creds:        newCredentials(a, o.Getenv, s.transport.Client()),
		Secure:       u.Scheme == "https",
		Transport:    &answers{content: s.transport, other: s.transport.WithFloor(1), skew: &s.skew},
		Region:       region(a, o.Getenv),
		BucketLookup: lookup(a.Path),
		MaxRetries:   1, // tried again here, where it is known what
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.URL, err)
	}
	core.SetAppInfo("bootrc", "1")
	s.core = core
	return s, nil
}

// Close closes the connections.
func (s *Store) Close() { s.transport.CloseIdleConnections() }

func lookup(path string) minio.BucketLookupType {
	switch path {
	case "on":
		return minio.BucketLookupPath
	case "off":
		return minio.BucketLookupDNS
	}
	return minio.BucketLookupAuto
}

func region(a alias.Alias, getenv func(string) string) string {
	if a.Region != "" {
		return a.Region
	}
	if r := getenv("AWS_REGION"); r != "" {
		return r
	}
	if r := getenv("AWS_DEFAULT_REGION"); r != "" {
		return r
	}
	u, err := url.Parse(a.URL)
	if err == nil && s3utils.IsAmazonEndpoint(*u) {
		return s3utils.GetRegionFromURL(*u) // "" where the bucket has to tell
	}
	return ""
}

// CheckBucket fails for what can be no bucket's name: Amazon S3 User Guide,
// "Bucket naming rules".
func CheckBucket(name string) error {
	if err := s3utils.CheckValidBucketName(name); err != nil {
		return fmt.Errorf("bucket %q: %w", name, err)
	}
	return nil
}

// ServerTime turns a time of this machine's clock into the server's, as far as
// its answers tell it: to the second.
func (s *Store) ServerTime(t time.Time) time.Time {
	return t.Add(time.Duration(s.skew.Load()))
}

// MakeBucket makes a bucket. A bucket that exists already, perhaps because another
// process made it at the same time, is no error if the keys may look at it.
func (s *Store) MakeBucket(ctx context.Context, bucket string) error {
	if err := CheckBucket(bucket); err != nil {
		return err
	}
	return s.try(ctx, "make bucket "+bucket, func(ctx context.Context) error {
		err := s.core.MakeBucket(ctx, bucket, minio.MakeBucketOptions{Region: s.Alias.Region})
		switch minio.ToErrorResponse(err).Code {
		case "BucketAlreadyOwnedByYou":
			return nil
		case "BucketAlreadyExists":
			if exists, _ := s.core.BucketExists(ctx, bucket); exists {
				return nil
			}
		}
		return err
	})
}

// Buckets lists the names of the buckets, and when they were made.
func (s *Store) Buckets(ctx context.Context) (list []minio.BucketInfo, err error) {
	err = s.try(ctx, "list buckets", func(ctx context.Context) error {
		list, err = s.core.ListBuckets(ctx)
		return err
	})
	return list, err
}

// BucketExists tells whether there is such a bucket. One that the keys may not look at
// exists: what they may do in it, and below which prefix, the next request tells.
func (s *Store) BucketExists(ctx context.Context, bucket string) (exists bool, err error) {
	err = s.try(ctx, "look for bucket "+bucket, func(ctx context.Context) error {
		exists, err = s.core.BucketExists(ctx, bucket)
		if minio.ToErrorResponse(err).Code == minio.AccessDenied {
			exists, err = true, nil
		}
		return err
	})
	return exists, err
}
