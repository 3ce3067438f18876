package container

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bootrc/kit/command"

	"github.com/opencontainers/runc/libcontainer/configs"
	"golang.org/x/sys/unix"
)

// Limits are a process's resource limits (setrlimit(2)).
type Limits struct {
	Given []configs.Rlimit
	Host  bool // the machine's, in place of podman's defaults
}

const (
	// defaultLimit is podman's for open files and processes (containers.conf(5),
	// default_ulimits).
	defaultLimit = 1 << 20

	// allLimits is the number of resources that have a limit.
	allLimits = unix.RLIMIT_RTTIME + 1
)

var limits = slice{
	options: []command.Option{{Names: "--ulimit", Value: "LIMIT", Kind: command.Commas, Check: checkLimit,
		Help: "set a resource limit, NAME=SOFT[:HARD], or take the machine's: host"}},
	read: func(call *command.Call, v *Invocation) error {
		for _, text := range call.List("ulimit") {
			if text == hostLimits {
				v.Options.Limits.Host = true
			} else if limit, err := parseLimit(text); err == nil {
				v.Options.Limits.Given = append(v.Options.Limits.Given, limit)
			}
		}
		return nil
	},
	write: writeLimits,
}

const hostLimits = "host"

func checkLimit(text string) error {
	if text == hostLimits {
		return nil
	}
	return checkQuoting(parseLimit)(text)
}

func parseLimit(text string) (configs.Rlimit, error) {
	name, values, ok := strings.Cut(text, "=")
	kind, known := limitKind(strings.TrimPrefix(strings.ToLower(name), "rlimit_"))
	if !known {
		return configs.Rlimit{}, fmt.Errorf("%q is no limit", name)
	}
	first, second, both := strings.Cut(values, ":")
	if !both {
		second = first
	}
	soft, err := parseLimitValue(first)
	hard, err2 := parseLimitValue(second)
	if !ok || err != nil || err2 != nil {
		return configs.Rlimit{}, errors.New("expected NAME=SOFT[:HARD]")
	}
	if soft > hard {
		return configs.Rlimit{}, errors.New("the soft limit is above the hard one")
	}
	return configs.Rlimit{Type: kind, Soft: soft, Hard: hard}, nil
}

func limitKind(name string) (kind int, known bool) {
	kind, known = map[string]int{
		"as": unix.RLIMIT_AS, "core": unix.RLIMIT_CORE, "cpu": unix.RLIMIT_CPU, "data": unix.RLIMIT_DATA,
		"fsize": unix.RLIMIT_FSIZE, "locks": unix.RLIMIT_LOCKS, "memlock": unix.RLIMIT_MEMLOCK,
		"msgqueue": unix.RLIMIT_MSGQUEUE, "nice": unix.RLIMIT_NICE, "nofile": unix.RLIMIT_NOFILE,
		"nproc": unix.RLIMIT_NPROC, "rss": unix.RLIMIT_RSS, "rtprio": unix.RLIMIT_RTPRIO,
		"rttime": unix.RLIMIT_RTTIME, "sigpending": unix.RLIMIT_SIGPENDING, "stack": unix.RLIMIT_STACK,
	}[name]
	return kind, known
}

func parseLimitValue(text string) (uint64, error) {
	if text == "-1" || text == "unlimited" {
		return unix.RLIM_INFINITY, nil
	}
	return strconv.ParseUint(text, 10, 64)
}

func writeLimits(d *draft) (err error) {
	d.limits, err = d.options.Limits.list()
	return err
}

// list puts podman's defaults, or the machine's limits, before those given.
func (l Limits) list() ([]configs.Rlimit, error) {
	kinds := []int{unix.RLIMIT_NOFILE, unix.RLIMIT_NPROC}
	if l.Host {
		kinds = kinds[:0]
		for kind := range allLimits {
			kinds = append(kinds, kind)
		}
	}
	var list []configs.Rlimit
	for _, kind := range kinds {
		if slices.ContainsFunc(l.Given, func(given configs.Rlimit) bool { return given.Type == kind }) {
			continue
		}
		limit, err := l.initial(kind)
		if err != nil {
			return nil, err
		}
		list = append(list, limit)
	}
	return append(list, l.Given...), nil
}

// initial is the limit where none is given: a default stays below the machine's
// hard limit where that cannot be raised.
func (l Limits) initial(kind int) (configs.Rlimit, error) {
	var ours unix.Rlimit
	if err := unix.Getrlimit(kind, &ours); err != nil {
		return configs.Rlimit{}, fmt.Errorf("getrlimit %d: %w", kind, err)
	}
	if l.Host {
		return configs.Rlimit{Type: kind, Soft: ours.Cur, Hard: ours.Max}, nil
	}
	limit := uint64(defaultLimit)
	if ours.Max < limit && !canRaiseLimits() {
		limit = ours.Max
	}
	return configs.Rlimit{Type: kind, Soft: limit, Hard: limit}, nil
}

func canRaiseLimits() bool {
	return slices.Contains(ownedCapabilities(), "CAP_SYS_RESOURCE")
}
