package cdi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bootrc/kit/regular"
)

// Folders are where specifications are. Those of a later folder override those of earlier ones.
var Folders = []string{"/etc/cdi", "/run/cdi"}

// maxSpec bounds one specification, in bytes.
const maxSpec = 16 << 20

// Is tells whether a name is that of a device by its kind, vendor.com/class=name.
func Is(name string) bool {
	kind, device, ok := strings.Cut(name, "=")
	vendor, class, ok2 := strings.Cut(kind, "/")
	return ok && ok2 && vendor != "" && class != "" && device != "" && !strings.ContainsAny(kind+device, " \t,;")
}

// Resolve returns what the named devices add to a container, in the order of their names.
func Resolve(names []string) (Edits, error) {
	var all Edits
	if len(names) == 0 {
		return all, nil
	}
	found, failed := load()
	var applied []string // whose edits for all of its devices are there
	for _, name := range names {
		kind, device, _ := strings.Cut(name, "=")
		from, edits, err := find(found, kind, device)
		if err != nil {
			return Edits{}, errors.Join(err, failed)
		}
		if !slices.Contains(applied, from.file) {
			applied = append(applied, from.file)
			all.add(from.spec.Edits)
		}
		all.add(edits)
	}
	return all, nil
}

// Names returns the names of all devices that specifications have, and what is wrong with others.
func Names() ([]string, error) {
	found, err := load()
	var names []string
	for _, l := range found {
		for _, d := range l.spec.Devices {
			names = append(names, l.spec.Kind+"="+d.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), err
}

// loaded is a specification with where it was.
type loaded struct {
	spec   Spec
	file   string
	folder int
}

// load reads all specifications. One that cannot be read spoils no other.
func load() (list []loaded, failed error) {
	for i, folder := range Folders {
		entries, err := os.ReadDir(folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = errors.Join(failed, err)
		}
		for _, e := range entries {
			file := filepath.Join(folder, e.Name())
			if !slices.Contains([]string{".json", ".yaml", ".yml"}, filepath.Ext(file)) {
				continue
			}
			spec, err := read(file)
			if err != nil {
				failed = errors.Join(failed, fmt.Errorf("%s: %w", file, err))
				continue
			}
			list = append(list, loaded{spec, file, i})
		}
	}
	return list, failed
}

func read(file string) (spec Spec, err error) {
	data, err := regular.Read(file, maxSpec)
	if err != nil {
		return spec, err
	}
	if filepath.Ext(file) != ".json" && !json.Valid(data) {
		return spec, errors.New("it is no JSON, which YAML may be: have it made with --format=json")
	}
	if err := json.Unmarshal(data, &spec); err != nil {
		return spec, err
	}
	if !Is(spec.Kind + "=x") {
		return spec, fmt.Errorf("kind %q: expected vendor.com/class", spec.Kind)
	}
	return spec, nil
}

// find returns the device of the last folder that has it. Two in one folder contradict each other.
func find(list []loaded, kind, name string) (best loaded, edits Edits, err error) {
	folder, known := -1, false
	for _, l := range list {
		if l.spec.Kind != kind {
			continue
		}
		known = true
		for _, d := range l.spec.Devices {
			switch {
			case d.Name != name:
			case l.folder == folder:
				err = fmt.Errorf("device %s=%s is in %s and in %s", kind, name, best.file, l.file)
			default:
				best, edits, folder, err = l, d.Edits, l.folder, nil
			}
		}
	}
	switch {
	case err != nil || folder >= 0:
		return best, edits, err
	case known:
		return best, edits, fmt.Errorf("%s has no device %q: `cdi ls` lists them", kind, name)
	}
	return best, edits, fmt.Errorf("no specification in %s is of %s", strings.Join(Folders, " and "), kind)
}
