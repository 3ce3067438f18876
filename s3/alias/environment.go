package alias

import (
	"errors"
	"fmt"
	"strings"
)

// environmentPrefix begins the variables that hold an alias, as mc has them:
// MC_HOST_<alias>=https://ACCESS_KEY:SECRET_KEY[:SESSION_TOKEN]@HOST[:PORT]
const environmentPrefix = "MC_HOST_"

// parseEnvironment reads the value of such a variable. As in mc, keys stand
// there as they are, not percent-encoded; a secret key may contain "/", "+"
// and "@". The options of [New] can follow the host. No error contains any of it.
func parseEnvironment(value string) (Alias, error) {
	scheme, rest, ok := strings.Cut(value, "://")
	if !ok {
		return Alias{}, errors.New("it must be http(s)://ACCESS_KEY:SECRET_KEY@HOST")
	}
	at := strings.LastIndexByte(rest, '@')
	if at < 0 {
		a, err := parseURL(value)
		a.Anonymous = true
		return a, err
	}
	a, err := parseURL(scheme + "://" + rest[at+1:])
	if err != nil {
		return Alias{}, err
	}
	keys := strings.SplitN(rest[:at], ":", 3)
	if len(keys) < 2 || keys[0] == "" || keys[1] == "" {
		return Alias{}, errors.New("it must be http(s)://ACCESS_KEY:SECRET_KEY@HOST")
	}
	a.AccessKey, a.SecretKey = keys[0], keys[1]
	if len(keys) == 3 {
		a.SessionToken = keys[2]
	}
	return a, nil
}

// Set is where aliases are found: first in the environment, then in a file.
type Set struct {
	Environ []string // KEY=VALUE
	File    File
}

// Lookup finds an alias; the last value of a variable counts.
func (s Set) Lookup(name string) (Alias, bool, error) {
	if CheckName(name) != nil {
		return Alias{}, false, nil
	}
	for i := len(s.Environ) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(s.Environ[i], environmentPrefix+name+"="); ok && value != "" {
			a, err := parseEnvironment(value)
			if err != nil {
				return Alias{}, false, fmt.Errorf("%s%s: %w", environmentPrefix, name, err)
			}
			return a, true, nil
		}
	}
	all, err := s.File.Read()
	if err != nil {
		return Alias{}, false, err
	}
	a, ok := all[name]
	return a, ok, nil
}

// All returns all aliases by their names.
func (s Set) All() (map[string]Alias, error) {
	all, err := s.File.Read()
	if err != nil {
		return nil, err
	}
	for _, variable := range s.Environ {
		key, _, _ := strings.Cut(variable, "=")
		name, ok := strings.CutPrefix(key, environmentPrefix)
		if !ok {
			continue
		}
		a, ok, err := s.Lookup(name)
		if err != nil {
			return nil, err
		}
		if ok {
			all[name] = a
		}
	}
	return all, nil
}
