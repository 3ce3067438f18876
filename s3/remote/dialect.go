package remote

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/minio/minio-go/v7"
)

// lacks are parts of the Amazon S3 API that a store does not have, or refuses.
type lacks uint32

const (
	// lacksChecksums: headers x-amz-checksum-…. Content-MD5 goes in their place.
	lacksChecksums lacks = 1 << iota
	// lacksBatches: DeleteObjects. Objects are removed one by one.
	lacksBatches
	// lacksListV2: ListObjectsV2. ListObjects goes in its place.
	lacksListV2
	// lacksStart: listings that begin behind a name. They are read from their beginning.
	lacksStart
	// lacksOrder: listings in the order of names. They are sorted here.
	lacksOrder
)

// dialects are what stores are known to lack, by the name that an alias can have.
var dialects = map[string]lacks{
	"auto": 0, // found out
	"b2":   lacksChecksums,
	"r2":   lacksChecksums,
	"gcs":  lacksChecksums | lacksBatches,
	"ceph": lacksChecksums | lacksListV2, // before 14, Nautilus
	// directory buckets of S3 Express One Zone, among others
	"unordered": lacksOrder | lacksStart,
}

// Dialects are the names of dialects, in order.
func Dialects() []string { return slices.Sorted(maps.Keys(dialects)) }

// CheckDialect fails for what is not the name of a dialect: "" is auto.
func CheckDialect(name string) error {
	if _, ok := dialects[name]; !ok && name != "" {
		return fmt.Errorf("dialect %q is unknown: give one of %s", name, strings.Join(Dialects(), ", "))
	}
	return nil
}

// dialect is what a store lacks, as far as that is known: each refusal adds to it, and what
// a store has refused it is not asked again.
type dialect struct{ known atomic.Uint32 }

func (d *dialect) lacks(l lacks) bool { return lacks(d.known.Load())&l != 0 }

func (d *dialect) add(l lacks) { d.known.Or(uint32(l)) }

// learn adds what a request used, if the error refuses that, and tells whether the request
// is worth another try in other words: unless it was known before the request.
func (d *dialect) learn(err error, used, before lacks) bool {
	if used&^before == 0 || !refuses(err, used) {
		return false
	}
	d.add(used)
	return true
}

// errUnverified is an answer to an upload that does not mention the checksum that came
// with it: the server has not looked at that.
var errUnverified = errors.New("the server did not check what it stored")

// refuses tells whether an answer means that the server does not know what was used.
func refuses(err error, used lacks) bool {
	if errors.Is(err, errUnverified) {
		return used == lacksChecksums
	}
	var answer minio.ErrorResponse
	if !errors.As(err, &answer) {
		return false
	}
	switch {
	case answer.Code == minio.NotImplemented, answer.StatusCode == http.StatusNotImplemented:
		return true
	case used == lacksBatches:
		return answer.StatusCode == http.StatusMethodNotAllowed || answer.StatusCode == http.StatusBadRequest
	case used == lacksChecksums:
		// an answer to HEAD has no text
		return answer.StatusCode == http.StatusBadRequest && !isTransientAnswer(answer) &&
			(strings.HasPrefix(answer.Code, "400") || strings.Contains(strings.ToLower(answer.Message), "checksum"))
	}
	return false
}
