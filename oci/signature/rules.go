package signature

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"bootrc/kit/durable"
	"bootrc/kit/regular"
)

// File is where the machine's rules are. What runs in a container with --privileged can change
// them, as it can change the whole boot.
const File = "/run/bootrc/verify.json"

// maxFile bounds it, in bytes.
const maxFile = 4 << 20

// Load reads rules; there are none without the file, or without its name.
func Load(file string) (Rules, error) {
	if file == "" {
		return nil, nil
	}
	data, err := regular.Read(file, maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var rules Rules
	if err == nil {
		err = json.Unmarshal(data, &rules)
	}
	if err == nil && len(rules) == 0 {
		err = errors.New("there is no rule in it")
	}
	if err != nil {
		return nil, fmt.Errorf("rules of b2c.verify= in %s: %w", file, err)
	}
	return rules, nil
}

// Save writes rules in the place of earlier ones.
func (rules Rules) Save(file string) error {
	data, err := json.Marshal(rules)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return durable.WriteFile(file, data, 0o644)
}

// ParseRule reads PREFIX,key=WHERE[,sha256=HEX][,key=…][,pinned][,named][,forward] or
// PREFIX,unsigned. get gets a key from WHERE[,sha256=HEX].
func ParseRule(text string, get func(where string) ([]byte, error)) (Rule, error) {
	words := strings.Split(text, ",")
	rule := Rule{Prefix: words[0]}
	if rule.Prefix == "" {
		return rule, errors.New("the prefix is missing: * is for all images")
	}
	for i := 1; i < len(words); i++ {
		name, where, _ := strings.Cut(words[i], "=")
		switch name {
		case "key":
			if i+1 < len(words) && strings.HasPrefix(words[i+1], "sha256=") {
				i++
				where += "," + words[i]
			}
			data, err := get(where)
			if err != nil {
				return rule, fmt.Errorf("key: %w", err)
			}
			if _, err := ParseKeys(data); err != nil {
				return rule, err
			}
			rule.Keys = append(rule.Keys, data)
		case "unsigned":
			rule.Unsigned = true
		case "pinned":
			rule.Pinned = true
		case "named":
			rule.Named = true
		case "forward":
			rule.Forward = true
		default:
			return rule, fmt.Errorf("%.40q: expected key=, unsigned, pinned, named or forward", name)
		}
	}
	if rule.Keys == nil && !rule.Unsigned && !rule.Pinned {
		return rule, errors.New("expected a key=, or unsigned")
	}
	if rule.Keys != nil && rule.Unsigned {
		return rule, errors.New("a key= and unsigned exclude each other")
	}
	return rule, nil
}
