// Package record keeps what is known of the containers of this boot, in a folder in memory:
//
//	NAME.json    the Record, as podman-inspect(1) shows it, with what else exec needs
//	NAME.log     the end of what the container wrote, and NAME.log.1 what was before
//	NAME.stop    is there when somebody has asked that it stops, and is not started again
//
// Whoever runs a container writes there, and any process reads. A container that cannot be
// written down runs all the same.
package record

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bootrc/kit/durable"

	"github.com/opencontainers/runc/libcontainer/configs"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// ErrNotFound is what errors wrap about a container that there was not in this boot.
var ErrNotFound = errors.New("no such container in this boot")

// maxEnded is how many containers that have ended are kept.
const maxEnded = 32

// Folder is the folder of the records; "" keeps none.
type Folder string

// Record is a container, in the fields of podman-inspect(1).
type Record struct {
	ID           string `json:"Id"`
	Created      time.Time
	Path         string
	Args         []string
	State        State
	Image        string // its ID
	ImageName    string
	Name         string
	RestartCount int
	Mounts       []Mount
	Config       Config
	HostConfig   HostConfig

	// Process is what further ones of the container take over: not podman's.
	Process *specs.Process   `json:",omitempty"`
	Limits  []configs.Rlimit `json:",omitempty"`
}

// What State.Status is.
const (
	Created = "created"
	Running = "running"
	Exited  = "exited"

	// Restarting is what a service is that has ended, and waits for its next start.
	Restarting = "restarting"
)

// State is how far a container is.
type State struct {
	Status     string
	Running    bool
	OOMKilled  bool
	Pid        int
	ExitCode   int
	Error      string
	StartedAt  time.Time
	FinishedAt time.Time
	Health     *Health `json:",omitempty"`
}

// Health is what a service's checks say.
type Health struct {
	Status string // "starting", "healthy", "unhealthy"
}

// Mount is a file system that was asked for, or that the image declares.
type Mount struct {
	Type, Source, Destination string
	Options                   []string
	RW                        bool
}

// Config is what the container runs.
type Config struct {
	Hostname, User, WorkingDir, StopSignal string
	Tty, OpenStdin                         bool
	Env, Cmd, Entrypoint                   []string
	Labels, Annotations                    map[string]string
	StopTimeout                            int // seconds
}

// HostConfig is what surrounds it.
type HostConfig struct {
	NetworkMode, PidMode, IpcMode, UTSMode, CgroupMode string
	Privileged, ReadonlyRootfs                         bool
	Memory, MemorySwap, NanoCpus, PidsLimit            int64 // 0: no limit
	CapAdd, CapDrop                                    []string
}

func (f Folder) path(name, end string) string { return filepath.Join(string(f), name+end) }

// Begin begins a container's record in the place of that of an earlier one of its name. A
// service that is started again keeps its log.
func (f Folder) Begin(r *Record) {
	if f == "" || os.MkdirAll(string(f), 0o700) != nil {
		return
	}
	if r.RestartCount == 0 {
		f.forget(r.Name)
	}
	f.Write(r)
	f.forgetOld()
}

// Write writes the record down.
func (f Folder) Write(r *Record) {
	if f == "" {
		return
	}
	if text, err := json.MarshalIndent(r, "", "    "); err == nil {
		durable.WriteFile(f.path(r.Name, ".json"), append(text, '\n'), 0o600)
	}
}

// SetStatus changes the status of a container that does not run.
func (f Folder) SetStatus(name, status string) {
	if r, err := f.Get(name); err == nil {
		r.State.Status = status
		f.Write(r)
	}
}

// Get returns the record of that container.
func (f Folder) Get(name string) (*Record, error) {
	text, err := os.ReadFile(f.path(name, ".json"))
	if f == "" || errors.Is(err, fs.ErrNotExist) || strings.Contains(name, "/") {
		return nil, fmt.Errorf("%s: %w", name, ErrNotFound)
	}
	r := new(Record)
	if err == nil {
		err = json.Unmarshal(text, r)
	}
	if err != nil {
		return nil, fmt.Errorf("the record of %s: %w", name, err)
	}
	return r, nil
}

// All returns the records, those made first first.
func (f Folder) All() []*Record {
	entries, _ := os.ReadDir(string(f))
	var all []*Record
	for _, entry := range entries {
		name, ok := strings.CutSuffix(entry.Name(), ".json")
		if !ok || strings.HasPrefix(name, ".") {
			continue
		}
		if r, err := f.Get(name); err == nil {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b *Record) int { return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.Name, b.Name)) })
	return all
}

// AskStop notes that a container shall stop, and not be started again.
func (f Folder) AskStop(name string) error { return os.WriteFile(f.path(name, ".stop"), nil, 0o600) }

// StopAsked tells whether somebody has asked for that.
func (f Folder) StopAsked(name string) bool {
	_, err := os.Lstat(f.path(name, ".stop"))
	return f != "" && err == nil
}

func (f Folder) forget(name string) {
	for _, end := range []string{".json", ".log", ".log.1", ".stop"} {
		os.Remove(f.path(name, end))
	}
}

func (f Folder) forgetOld() {
	all := slices.DeleteFunc(f.All(), func(r *Record) bool { return r.State.Status != Exited })
	slices.SortStableFunc(all, func(a, b *Record) int { return a.State.FinishedAt.Compare(b.State.FinishedAt) })
	for _, r := range all[:max(len(all)-maxEnded, 0)] {
		f.forget(r.Name)
	}
}
