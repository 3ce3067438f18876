package container

import (
	"encoding/csv"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"bootrc/kit/mount"
)

// parseMount reads podman-run(1)'s --mount: pairs of key and value, in one line
// of comma-separated values.
func parseMount(text string) (Mount, error) {
	pairs, err := csv.NewReader(strings.NewReader(text)).Read()
	if err != nil {
		return Mount{}, fmt.Errorf("expected type=TYPE,destination=PATH,…: %w", err)
	}
	m := Mount{Type: mountVolume}
	for i, pair := range pairs {
		if kind, ok := strings.CutPrefix(pair, "type="); ok {
			m.Type = kind
			pairs = slices.Delete(pairs, i, i+1)
			break
		}
	}
	switch m.Type {
	case mountBind, mountVolume, mountTmpfs, mountRamfs, mountDevpts, mountGlob:
	case mountImage:
		m.Options = []string{"ro"}
	case "artifact":
		return Mount{}, errors.New("type=artifact is not supported: artifacts are not pulled")
	default:
		return Mount{}, fmt.Errorf("invalid filesystem type %q", m.Type)
	}
	for _, pair := range pairs {
		key, value, valued := strings.Cut(pair, "=")
		if err := m.addKey(key, value, valued); err != nil {
			return Mount{}, fmt.Errorf("%s: %w", pair, err)
		}
	}
	switch {
	case m.Destination == "" && m.Type != mountGlob:
		return Mount{}, errors.New("must set volume destination")
	case m.Source == "" && (m.Type == mountImage || m.Type == mountGlob):
		return Mount{}, errors.New("must set source")
	case m.Source == "" && m.Type == mountBind:
		m.Source = m.Destination
	}
	return m, nil
}

var (
	errKey      = errors.New("invalid mount option")
	errNoValue  = errors.New("must provide an argument for option")
	errRepeated = errors.New("cannot be given more than once")
)

// addKey takes one pair that every type has, or leaves it to its type.
func (m *Mount) addKey(key, value string, valued bool) error {
	switch key {
	case "destination", "dest", "dst", "target":
		if m.Destination != "" {
			return errRepeated
		}
		return m.setDestination(value)
	case "source", "src":
		switch {
		case m.Type == mountTmpfs, m.Type == mountRamfs, m.Type == mountDevpts:
			return errKey
		case m.Source != "":
			return errRepeated
		case value == "":
			return errNoValue
		case m.Type == mountVolume && CheckName(value) != nil:
			return fmt.Errorf("%q is no volume's name", value)
		}
		m.Source = value
		return nil
	case "consistency": // of other systems, and ignored by podman too
		return nil
	}
	if m.Type == mountDevpts {
		return m.addDevptsKey(key, value)
	}
	if known, err := m.addSwitch(key, value, valued); known {
		return err
	}
	if m.Type == mountTmpfs || m.Type == mountRamfs {
		return m.addTmpfsKey(key, value)
	}
	return m.addBindKey(key, value)
}

// addSwitch takes a key that is true, false, or without a value true.
func (m *Mount) addSwitch(key, value string, valued bool) (known bool, err error) {
	on := true
	if valued {
		if on, err = strconv.ParseBool(value); err != nil {
			err = fmt.Errorf("%q is neither true nor false", value)
		}
	}
	switch key {
	case "ro", "readonly":
		m.addSwitched(on, "ro", "rw")
	case "rw", "readwrite":
		m.addSwitched(on, "rw", "ro")
	case "U", "chown":
		m.Chown = on
	case "tmpcopyup", "notmpcopyup":
		if m.Type != mountTmpfs && m.Type != mountRamfs {
			return true, errKey
		}
		m.NoCopy = on == (key == "notmpcopyup")
	case "bind-nonrecursive":
		if !m.binds() {
			return true, errKey
		}
		if on {
			m.Options = append(m.Options, "bind")
		}
	case "idmap":
		if !m.binds() && m.Type != mountVolume {
			return true, errKey
		}
		m.Mapped = on
	default:
		return false, nil
	}
	return true, err
}

func (m *Mount) binds() bool { return m.Type == mountBind || m.Type == mountGlob }

func (m *Mount) addSwitched(on bool, yes, no string) {
	if !on {
		yes = no
	}
	m.Options = append(m.Options, yes)
}

func (m *Mount) addTmpfsKey(key, value string) error {
	switch {
	case key == "tmpfs-size", key == "tmpfs-mode":
		if value == "" {
			return errNoValue
		}
		return m.addTmpfsOption(strings.TrimPrefix(key, "tmpfs-") + "=" + value)
	case value == "":
		if m.addTmpfsOption(key) == nil {
			return nil
		}
	}
	return errKey
}

func (m *Mount) addBindKey(key, value string) error {
	switch {
	case key == "bind-propagation" && m.binds():
		if !mount.IsPropagation(value) {
			return fmt.Errorf("invalid value %q", value)
		}
		m.Options = append(m.Options, value)
	case key == "relabel": // labels of SELinux, which is not here
		if value != "private" && value != "shared" {
			return errors.New("must be private or shared")
		}
	case (key == "subpath" || key == "volume-subpath") && (m.Type == mountVolume || m.Type == mountImage):
		m.Subpath = path.Clean("/" + value)
	case value == "":
		return m.addVolumeOption(key)
	default:
		return errKey
	}
	return nil
}

func (m *Mount) addDevptsKey(key, value string) error {
	base := 10
	switch key {
	case "mode", "ptmxmode":
		base = 8
		fallthrough
	case "uid", "gid", "max":
		if _, err := strconv.ParseUint(value, base, 32); err != nil {
			return fmt.Errorf("%q is no number", value)
		}
		m.Options = append(m.Options, key+"="+value)
	case "newinstance":
		m.Options = append(m.Options, key)
	default:
		return errKey
	}
	return nil
}
