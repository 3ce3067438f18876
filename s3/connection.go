package s3

import (
	"fmt"
	"strconv"
	"strings"

	"bootrc/kit/command"
	"bootrc/s3/remote"

	"github.com/spf13/pflag"
)

// connectionOptions are how stores are reached, for every command.
type connectionOptions struct {
	endpoint, caFile, bandwidth string
	retries                     int
	connections                 int
	bytesPerSecond              int64
}

func (o *connectionOptions) define(flags *pflag.FlagSet) {
	flags.StringVar(&o.endpoint, "endpoint", "", "")
	flags.StringVar(&o.caFile, "cacert", "", "")
	flags.StringVar(&o.bandwidth, "bandwidth", "", "")
	flags.IntVar(&o.retries, "retry", 7, "")
}

func (o *connectionOptions) complete() error {
	if o.retries < 0 {
		return fmt.Errorf("--retry %d: it cannot be less than 0", o.retries)
	}
	o.connections = max(o.connections, 1)
	if o.bandwidth == "" {
		return nil
	}
	n, err := parseSize(o.bandwidth)
	if err != nil {
		return fmt.Errorf("--bandwidth: %w", err)
	}
	o.bytesPerSecond = n
	return nil
}

// parseSize reads a number of bytes: 500k, 10M, 1.5GiB.
func parseSize(text string) (int64, error) {
	digits := strings.TrimRight(text, "KMGTkmgtiIBb/s")
	n, err := strconv.ParseFloat(digits, 64)
	unit := strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(text[len(digits):]), "/s"), "b")
	factors := map[string]float64{
		"": 1, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12,
		"ki": 1 << 10, "mi": 1 << 20, "gi": 1 << 30, "ti": 1 << 40,
	}
	factor, ok := factors[unit]
	if err != nil || !ok || !(n*factor >= 1 && n*factor < 1<<62) {
		return 0, fmt.Errorf("%q is no size: 500k, 10M and 1GiB are", text)
	}
	return int64(n * factor), nil
}

func (o *connectionOptions) remote(call *command.Call) remote.Options {
	caFile := o.caFile
	if caFile != "" {
		caFile = call.Path(caFile)
	}
	return remote.Options{
		Getenv: call.Getenv, Connections: o.connections, Retries: o.retries,
		Bandwidth: o.bytesPerSecond, CAFile: caFile,
	}
}

// encryptionOptions are how objects are encrypted at the server.
type encryptionOptions struct {
	keys []string
	side string
}

func (o *encryptionOptions) define(flags *pflag.FlagSet) {
	flags.StringArrayVar(&o.keys, "encrypt-key", nil, "")
	flags.StringVar(&o.side, "sse", "", "")
}

// of returns what holds for a location: the key of the longest prefix that it
// begins with, or else what holds everywhere. As mc has them, several
// PREFIX=KEY stand between commas.
func (o *encryptionOptions) of(l location) (remote.Encryption, error) {
	best, found := "", ""
	for _, list := range o.keys {
		for _, word := range strings.Split(list, ",") {
			prefix, key := splitKey(word)
			if strings.HasPrefix(l.text+"/", prefix) && (found == "" || len(prefix) > len(best)) {
				best, found = prefix, key
			}
		}
	}
	switch {
	case found != "":
		e, err := remote.ParseKey(found)
		if err != nil {
			return e, fmt.Errorf("--encrypt-key: %w", err)
		}
		return e, nil
	case o.side != "":
		e, err := remote.ParseServerSide(o.side)
		if err != nil {
			return e, fmt.Errorf("--sse: %w", err)
		}
		return e, nil
	}
	return remote.Encryption{}, nil
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
