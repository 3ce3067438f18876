package s3

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"bootrc/kit/command"
	"bootrc/s3/mirror"

	"golang.org/x/sys/unix"
)

// syncOptions are those that s3sync alone has.
func syncOptions() []command.Option {
	age := func(text string) error { _, err := parseAge(text); return err }
	return []command.Option{
		{Names: "--overwrite", Help: "replace what differs"},
		{Names: "--remove", Help: "remove what SRC does not have, when all is copied"},
		{Names: "--preserve, -a", Help: "keep owner, mode, times, extended attributes, links and folders"},
		{Names: "--checksum", Help: "compare contents, not sizes and times"},
		{Names: "--exclude", Value: "PATTERN", Kind: command.List, Help: "leave out names that match, as a whole; * also stands for slashes"},
		{Names: "--include", Value: "PATTERN", Kind: command.List, Help: "leave out names that match none of these"},
		{Names: "--newer-than", Value: "AGE", Check: age, Help: "leave out what changed longer ago: 7d10h30m"},
		{Names: "--older-than", Value: "AGE", Check: age, Help: "leave out what changed since"},
		{Names: "--watch, -w", Help: "go on with changes until asked to stop"},
		{Names: "--missing-ok", Help: "if SRC's bucket does not exist, there is nothing to copy; --watch waits for it"},
		{Names: "--concurrency", Value: "N", Kind: command.Count, Check: checkConcurrency,
			Help: "ask for N things at a time; otherwise for 32, or 16 below 512 MiB of memory"},
		{Names: "--dry-run", Help: "print what would be done, and do nothing"},
		{Names: "--json", Help: "print a JSON object for each step, and one at the end"},
		{Names: "-q, --quiet", Help: "print errors only"},
	}
}

func checkConcurrency(text string) error {
	if n, _ := strconv.Atoi(text); n < 1 {
		return fmt.Errorf("expected at least 1, got %q", text)
	}
	return nil
}

// mirrorOptions are what a call's options mean for the mirror.
func mirrorOptions(call *command.Call) mirror.Options {
	o := mirror.Options{
		Overwrite: call.Flag("overwrite"), Remove: call.Flag("remove"), Preserve: call.Flag("preserve"),
		Checksum: call.Flag("checksum"), DryRun: call.Flag("dry-run"),
		Filter: mirror.Filter{
			Exclude: patterns(call, "exclude"), Include: patterns(call, "include"),
			NewerThan: ago(call, "newer-than"), OlderThan: ago(call, "older-than"),
		},
		Concurrency: call.Count("concurrency"),
	}
	if o.Concurrency == 0 {
		o.Concurrency = defaultConcurrency()
	}
	return o
}

// patterns leaves out the empty ones, which templates make of a list that is empty.
func patterns(call *command.Call, option string) []string {
	return slices.DeleteFunc(call.List(option), func(pattern string) bool { return pattern == "" })
}

// ago is the time before which, or since which, an option is about; none if it is not given.
func ago(call *command.Call, option string) time.Time {
	if !call.Has(option) {
		return time.Time{}
	}
	age, _ := parseAge(call.Text(option)) // checked
	return time.Now().Add(-age)
}

// defaultConcurrency is by the memory of the machine: each connection has about
// 1.5 MB of buffers.
func defaultConcurrency() int {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) == nil && uint64(info.Totalram)*uint64(info.Unit) < 512<<20 {
		return 16
	}
	return 32
}

// parseAge reads a duration as mc has it: 7d10h30m.
func parseAge(text string) (time.Duration, error) {
	days, rest, ok := strings.Cut(text, "d")
	if !ok {
		days, rest = "0", text
	}
	n, err := strconv.ParseUint(days, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%q is no age: 7d10h30m is one", text)
	}
	age := time.Duration(n) * 24 * time.Hour
	if ok && rest == "" {
		return age, nil
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is no age: 7d10h30m is one", text)
	}
	return age + d, nil
}
