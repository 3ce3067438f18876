package container

import (
	"cmp"
	"slices"
	"strconv"
	"sync"
	"time"

	"bootrc/oci/container/record"
	"bootrc/oci/container/streams"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// recording writes a container's record, and the end of its output.
type recording struct {
	folder record.Folder
	log    *record.Log
	lock   sync.Mutex
	record.Record
}

// change changes the state, and writes it down.
func (r *recording) change(change func(*record.State)) {
	r.lock.Lock()
	defer r.lock.Unlock()
	change(&r.State)
	r.folder.Write(&r.Record)
}

func (r Runtime) beginRecording(d *draft, id string, s stop) *recording {
	config, o := d.image.Config, d.options
	rec := &recording{folder: r.Records, log: r.Records.Log(d.name), Record: record.Record{
		ID: id, Created: time.Now().UTC(), Name: d.name, Path: d.Process.Args[0], Args: slices.Clone(d.Process.Args[1:]),
		Image: d.image.ID, ImageName: d.image.Name,
		State: record.State{Status: record.Created}, RestartCount: o.Restarts,
		Mounts: recordMounts(d.volumes),
		Config: record.Config{
			Hostname: d.hostname, User: cmp.Or(o.User, config.User), WorkingDir: d.Process.Cwd,
			Tty: o.Terminal, OpenStdin: o.Interactive, Env: d.shownVariables(), Cmd: d.Process.Args, Entrypoint: config.Entrypoint,
			Labels: config.Labels, Annotations: o.Annotations,
			StopSignal: strconv.Itoa(int(s.signal)), StopTimeout: int((s.grace + time.Second - 1) / time.Second), // 0 means without a signal
		},
		HostConfig: recordHost(o),
		Process:    d.Process, Limits: d.limits,
	}}
	rec.folder.Begin(&rec.Record)
	return rec
}

func recordMounts(all []specs.Mount) []record.Mount {
	list := []record.Mount{}
	for _, m := range all {
		list = append(list, record.Mount{Type: m.Type, Source: m.Source, Destination: m.Destination, Options: m.Options, RW: isWritable(m.Options)})
	}
	return list
}

// shownVariables are those of the container's that are no secrets.
func (d *draft) shownVariables() []string {
	return slices.DeleteFunc(slices.Clone(d.Process.Env), func(variable string) bool { return slices.Contains(d.secret, nameOf(variable)) })
}

func recordHost(o Options) record.HostConfig {
	h := record.HostConfig{
		NetworkMode: modeName(o.Network, nsHost), PidMode: modeName(o.PID, nsPrivate), IpcMode: modeName(o.IPC, nsPrivate),
		UTSMode: modeName(o.UTS, nsPrivate), CgroupMode: modeName(o.CgroupNS, nsPrivate),
		Privileged: o.Privileged, ReadonlyRootfs: o.ReadOnly, CapAdd: o.AddCapabilities, CapDrop: o.DropCapabilities,
	}
	if m := o.Resources.Memory; m != nil {
		h.Memory, h.MemorySwap = valueOf(m.Limit), valueOf(m.Swap)
	}
	if c := o.Resources.CPU; c != nil && valueOf(c.Quota) > 0 {
		period := uint64(cpuPeriod)
		if c.Period != nil {
			period = *c.Period
		}
		h.NanoCpus = int64(float64(*c.Quota) * float64(time.Second) / float64(period))
	}
	if p := o.Resources.Pids; p != nil {
		h.PidsLimit = valueOf(p.Limit)
	}
	return h
}

func modeName(mode, usual Namespace) string { return string(cmp.Or(mode, usual)) }

func valueOf(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// tee returns streams whose output is recorded, too.
func (r *recording) tee(stdio streams.Stdio) streams.Stdio {
	same := stdio.Stdout == stdio.Stderr
	stdio.Stdout = r.log.Tee(stdio.Stdout)
	if same {
		stdio.Stderr = stdio.Stdout
	} else {
		stdio.Stderr = r.log.Tee(stdio.Stderr)
	}
	return stdio
}

func (r *recording) started(pid int) {
	r.change(func(s *record.State) {
		*s = record.State{Status: record.Running, Running: true, Pid: pid, StartedAt: time.Now().UTC(), Health: s.Health}
	})
}

func (r *recording) ended(status int, outOfMemory bool, err error) {
	if r == nil {
		return
	}
	r.log.Close()
	r.change(func(s *record.State) {
		s.Status, s.Running, s.Pid, s.FinishedAt = record.Exited, false, 0, time.Now().UTC()
		s.ExitCode, s.OOMKilled = status, outOfMemory
		if err != nil {
			s.Error = err.Error()
		}
	})
}

// SetHealth records what a service's checks say.
func (c *Container) SetHealth(status string) {
	c.record.change(func(s *record.State) { s.Health = &record.Health{Status: status} })
}
