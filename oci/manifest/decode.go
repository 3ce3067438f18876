package manifest

import (
	"bytes"
	"encoding/json"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// maxObjects bounds the objects of a document. An empty one has two bytes, and takes fifty
// times as many in memory.
const maxObjects = 20_000

// Decode reads the JSON of a document that somebody else has made.
func Decode(raw []byte, into any) error {
	if err := checkObjects(raw); err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

// ParseConfig reads an image's configuration: image-spec config.md.
func ParseConfig(raw []byte) (*v1.ConfigFile, error) {
	if err := checkObjects(raw); err != nil {
		return nil, err
	}
	return v1.ParseConfigFile(bytes.NewReader(raw))
}

func checkObjects(raw []byte) error {
	if n := bytes.Count(raw, []byte("{")); n > maxObjects {
		return fmt.Errorf("it has %d objects, more than the %d allowed", n, maxObjects)
	}
	return nil
}
