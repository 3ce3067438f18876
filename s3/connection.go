package s3

import (
	"fmt"
	"iter"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/size"
	"bootrc/s3/remote"
)

// connectionOptions are how stores are reached, for every command.
func connectionOptions() []command.Option {
	return []command.Option{
		{Names: "--endpoint", Value: "URL", Help: "the store that s3:// means"},
		{Names: "--cacert", Value: "FILE", Help: "trust the certificates in FILE, beside the system's"},
		{Names: "--retry", Value: "N", Kind: command.Count, Default: "7",
			Help: "try a request again up to N times, with pauses that grow to 10 s"},
	}
}

func checkBandwidth(text string) error {
	if n, err := size.Parse(text); err == nil && n == 0 {
		return fmt.Errorf("size %q is zero: give bytes, or a number with K, M or G", text)
	}
	return nil
}

// connection is what the connectionOptions say.
func connection(call *command.Call) remote.Options {
	caFile := call.Text("cacert")
	if caFile != "" {
		caFile = call.Path(caFile)
	}
	return remote.Options{Getenv: call.Getenv, Connections: 1, Retries: call.Count("retry"), CAFile: caFile}
}

// contentOptions are how objects' contents are moved and encrypted.
func contentOptions() []command.Option {
	return []command.Option{
		{Names: "--encrypt-key", Value: "[PLACE=]KEY", Kind: command.List, Check: checkKeys, Secret: secretKeys,
			Help: "have the store encrypt objects below PLACE with KEY, which it does not keep: 32 bytes, in hexadecimal, base64 or as they are"},
		{Names: "--bandwidth", Value: "SIZE", Kind: command.Size, Check: checkBandwidth,
			Help: "move no more than SIZE bytes a second, both ways together"},
		{Names: "--sse", Value: "s3|kms:ID", Check: func(text string) error { _, err := remote.ParseServerSide(text); return err },
			Help: "have the store encrypt uploads with a key of its own, or with that one of its key management"},
	}
}

// encryptions are what a call says of how objects are encrypted at the server.
type encryptions struct {
	keys []string
	side string
}

// of returns what holds for a location: the key of the longest prefix that it
// begins with, or else what holds everywhere.
func (e *encryptions) of(l location) (remote.Encryption, error) {
	best, found := "", ""
	for _, list := range e.keys {
		for prefix, key := range placesAndKeys(list) {
			if strings.HasPrefix(l.text+"/", prefix) && (found == "" || len(prefix) > len(best)) {
				best, found = prefix, key
			}
		}
	}
	switch {
	case found != "":
		return remote.ParseKey(found)
	case e.side != "":
		return remote.ParseServerSide(e.side)
	}
	return remote.Encryption{}, nil
}

func checkKeys(list string) error {
	for _, key := range placesAndKeys(list) {
		if _, err := remote.ParseKey(key); err != nil {
			return err
		}
	}
	return nil
}

func secretKeys(list string) (keys []string) {
	for _, key := range placesAndKeys(list) {
		keys = append(keys, key)
	}
	return keys
}

// placesAndKeys yields the places and keys in a list: as in mc, commas separate several
// PLACE=KEY. Empty entries, as templates leave them, are skipped.
func placesAndKeys(list string) iter.Seq2[string, string] {
	return func(yield func(place, key string) bool) {
		for word := range strings.SplitSeq(list, ",") {
			if place, key := splitKey(word); word != "" && !yield(place, key) {
				return
			}
		}
	}
}

// splitKey parts ALIAS/PREFIX=KEY. What follows the last "=" can also be the
// padding of a key in base64.
func splitKey(word string) (prefix, key string) {
	padding := len(word) - len(strings.TrimRight(word, "="))
	body := word[:len(word)-padding]
	if i := strings.LastIndexByte(body, '='); i >= 0 && strings.Contains(body[:i], "/") {
		return body[:i], word[i+1:]
	}
	return "", word
}
