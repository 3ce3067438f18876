package volume

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"bootrc/kit/clock"
	"bootrc/kit/nearest"
)

// Argument is what an argument b2c.volume=NAME[,KEY[=VALUE]]… of the kernel's command line
// says.
type Argument struct {
	Name       string
	Filesystem string // name of the b2c.filesystem to mount as the volume
	Expiration string // as ParseExpiration reads it, or ""
	Key        string // base64 of a key, or the address of a file that holds it
	ResetKey   bool

	PullFrom, PushTo string   // s3sync's other side: ALIAS/BUCKET[/PREFIX]
	PullOn, PushOn   []string // conditions
	MirrorOptions    []string // s3sync's
	Warnings         []string // what is ignored, and why
}

// conditions are when a volume can be mirrored.
var conditions = []string{"pipeline_start", "container_start", "container_end", "pipeline_end", changes}

// changes is the condition that overrides the others.
const changes = "changes"

// ParseArgument reads what follows b2c.volume=. Unknown keys and conditions only make
// warnings, as users rely on.
func ParseArgument(text string) (*Argument, error) {
	name, rest, _ := strings.Cut(text, ",")
	a := &Argument{Name: name}
	if err := checkName(name); err != nil {
		return nil, err
	}
	for word := range strings.SplitSeq(rest, ",") {
		key, value, hasValue := strings.Cut(word, "=")
		switch {
		case word == "":
		case hasValue:
			a.setValue(key, value)
		default:
			a.setFlag(key)
		}
	}
	if err := a.check(); err != nil {
		return nil, fmt.Errorf("volume %s: %w", name, err)
	}
	return a, nil
}

// parameters are all keys of b2c.volume=.
var parameters = strings.Fields(`overwrite remove preserve fscrypt_reset_key filesystem expiration fscrypt_key
	mirror pull_from push_to pull_on push_on exclude encrypt_key`)

func (a *Argument) setFlag(key string) {
	switch key {
	case "overwrite", "remove", "preserve":
		a.MirrorOptions = append(a.MirrorOptions, "--"+key)
	case "fscrypt_reset_key":
		a.ResetKey = true
	default:
		a.warn("the parameter %q is unknown, or needs a value%s", clip(key), nearest.Question(key, parameters))
	}
}

func (a *Argument) setValue(key, value string) {
	switch key {
	case "filesystem":
		a.Filesystem = value
	case "expiration":
		a.Expiration = value
	case "fscrypt_key":
		a.Key = value
	case "mirror":
		a.PullFrom, a.PushTo = value, value
	case "pull_from":
		a.PullFrom = value
	case "push_to":
		a.PushTo = value
	case "pull_on":
		a.PullOn = a.conditions(key, value)
	case "push_on":
		a.PushOn = a.conditions(key, value)
	case "exclude":
		a.MirrorOptions = append(a.MirrorOptions, "--exclude", value)
	case "encrypt_key":
		a.MirrorOptions = append(a.MirrorOptions, "--encrypt-key", value)
	default:
		// not its value: it may be a secret behind a misspelt name
		a.warn("the parameter %q is unknown, or takes no value%s", clip(key), nearest.Question(key, parameters))
	}
}

// conditions reads names joined by |.
func (a *Argument) conditions(key, value string) []string {
	var known []string
	for name := range strings.SplitSeq(value, "|") {
		switch {
		case !slices.Contains(conditions, name):
			a.warn("%s: the condition %q is unknown: there are %s", key, clip(name), strings.Join(conditions, ", "))
		case !slices.Contains(known, name):
			known = append(known, name)
		}
	}
	if slices.Contains(known, changes) && len(known) > 1 {
		a.warn("%s: with the condition changes, all others are ignored", key)
		return []string{changes}
	}
	return known
}

// check looks at what only the whole argument shows.
func (a *Argument) check() error {
	if a.Expiration != "" {
		if _, err := ParseExpiration(a.Expiration, clock.Earliest); err != nil {
			return err
		}
	}
	if a.Filesystem != "" && a.Key != "" {
		return errors.New("a filesystem cannot be encrypted by fscrypt_key")
	}
	if a.ResetKey && a.Key == "" {
		a.warn("fscrypt_reset_key is ignored without fscrypt_key")
	}
	if len(a.PullOn) > 0 && a.PullFrom == "" {
		a.warn("pull_on is ignored without mirror or pull_from")
		a.PullOn = nil
	}
	if len(a.PushOn) > 0 && a.PushTo == "" {
		a.warn("push_on is ignored without mirror or push_to")
		a.PushOn = nil
	}
	if a.PullFrom+a.PushTo != "" && len(a.PullOn)+len(a.PushOn) == 0 {
		a.warn("it is never mirrored: neither pull_on nor push_on says when")
	}
	return nil
}

func (a *Argument) warn(format string, args ...any) {
	a.Warnings = append(a.Warnings, fmt.Sprintf(format, args...))
}

// Secrets returns the keys in a value of b2c.volume=, also of one that ParseArgument
// refuses. That of encrypt_key= may have mc's form, PREFIX=KEY.
func Secrets(text string) []string {
	var all []string
	for word := range strings.SplitSeq(text, ",") {
		name, key, _ := strings.Cut(word, "=")
		if name != "fscrypt_key" && name != "encrypt_key" {
			continue
		}
		all = append(all, key)
		if _, bare, ok := strings.Cut(strings.TrimRight(key, "="), "="); ok {
			all = append(all, bare)
		}
	}
	return all
}
