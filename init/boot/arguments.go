package boot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bootrc/init/cmdline"
	"bootrc/init/extraargs"
	"bootrc/init/trust"
	"bootrc/kit/command"
	"bootrc/kit/regular"
	"bootrc/network"
)

// source is a place where arguments can stand before the boot begins.
type source struct {
	name string                 // as errors and warnings call it
	read func() ([]byte, error) // an error that wraps fs.ErrNotExist: nothing stands there
	// signature reads that of a text that does not have it at its end.
	signature func() ([]byte, error)
}

// gather reads sources, as far as one of the keys has signed them: lists get longer in their order, and of anything else
// the last value counts. What can be read of broken ones is returned with an error.
func gather(keys trust.Keys, sources ...source) (*cmdline.Line, error) {
	all, err := cmdline.Parse("")
	for _, s := range sources {
		line, broken := s.line(keys)
		all, err = all.With(line), errors.Join(err, broken)
	}
	return all, err
}

func (s source) line(keys trust.Keys) (*cmdline.Line, error) {
	text := ""
	content, err := s.read()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		content, err = nil, nil
	case err == nil && len(content) > 0:
		content, err = keys.Open(content, s.signature)
	}
	if err == nil {
		text, err = extraargs.Text(content)
	}
	line, broken := cmdline.Parse(text)
	if err = errors.Join(err, broken); err != nil {
		err = fmt.Errorf("%s: %w", s.name, err)
	}
	ignoreOwn(line)
	return line, err
}

// ignoreOwn forgets the arguments that count on the kernel's command line alone, with a warning.
func ignoreOwn(line *cmdline.Line) {
	line.Ignore(supervisorsOwn, cmdline.Supervisors...)
	line.Ignore(trustOwn, "b2c.trust")
}

// file is a file as a source.
func file(name string) source {
	read := func(name string) func() ([]byte, error) {
		return func() ([]byte, error) { return regular.Read(name, extraargs.MaxSize) }
	}
	return source{name, read(name), read(name + trust.Suffix)}
}

// stacked are the files of a folder in which the initramfs, and each archive behind it, can bring arguments: cmdline, and
// what is in cmdline.d.
func stacked(folder string) []source {
	if folder == "" {
		return nil
	}
	sources := []source{file(filepath.Join(folder, "cmdline"))}
	entries, _ := os.ReadDir(filepath.Join(folder, "cmdline.d"))
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), trust.Suffix) {
			continue
		}
		sources = append(sources, file(filepath.Join(folder, "cmdline.d", entry.Name())))
	}
	return sources
}

// given is the boot's arguments by where they stand. What is said of one boot counts more than what holds for all of
// a machine's, and what a server says counts most.
type given struct {
	machine *cmdline.Line // files, in the order in which they were read, and the firmware
	boot    *cmdline.Line // the kernel's command line, and behind it what b2c.extra_args holds
	server  *cmdline.Line // of b2c.extra_args_url
	keys    trust.Keys    // whose signatures count, but for those of boot
}

func (g given) line() *cmdline.Line { return g.machine.With(g.boot).With(g.server) }

// firstArguments are those known when the boot starts. What can be read of broken ones is returned with an error.
func firstArguments(kernel, folder string) (given, error) {
	var g given
	var broken, wrong, unread error
	g.boot, broken = cmdline.ParseKernel(kernel)
	if g.keys, wrong = trust.ParseKeys(g.boot.Values("b2c.trust")); wrong != nil {
		wrong = fmt.Errorf("argument b2c.trust: %w", wrong)
		folder = "" // nobody could tell who signed what is there
	}
	g.machine, unread = gather(g.keys, stacked(folder)...)
	packed, unreadable := unpack(g.machine.With(g.boot))
	g.boot = g.boot.With(packed)
	g.server, _ = cmdline.Parse("")
	return g, errors.Join(wrong, unread, broken, unreadable)
}

// unpack returns the arguments that a line's b2c.extra_args holds.
func unpack(line *cmdline.Line) (*cmdline.Line, error) {
	packed, err := source{"argument b2c.extra_args", func() ([]byte, error) {
		if !line.Has("b2c.extra_args") {
			return nil, nil
		}
		text, err := extraargs.Decode(line.Value("b2c.extra_args"))
		return []byte(text), err
	}, nil}.line(nil)
	packed.Ignore("it stands in b2c.extra_args itself", "b2c.extra_args")
	return packed, err
}

// ArgumentCommands are those that change the arguments and the hooks of the boot, whose work extend
// and fetchHook do. These may be nil where only the commands' help is wanted.
func ArgumentCommands(extend, fetchHook func(context.Context, *command.Call) error) []command.Command {
	return []command.Command{{
		Name: "extra-args", Operands: "URL|FILE|oem-strings",
		Summary: "add arguments that stand elsewhere to the boot's, and print the variables that they change, for eval",
		Text: "URL begins with https://, http:// or s3://, and may hold ${mac} and other facts of\nthe machine: docs/configuration.md lists them. " +
			"Its arguments count more than the\nkernel's command line. Those of a FILE, which need not be there, and of SMBIOS's OEM\nstrings count less.",
		Options: []command.Option{{Names: "-t", Value: "SECONDS", Kind: command.Seconds, Default: "60", Help: "give up after that time"}},
		Run:     extend,
	}, {
		Name: "fetch-hook", Operands: "HOOK", Forms: []string{"NN-NAME.sh,URL[,sha256=HEX][,key=KEY]"},
		Summary: "fetch a hook for a later phase: /hooks/NN-NAME.sh",
		Text:    "KEY is an SSH key, or the path of a file with some: the hook must be signed by one of them,\nor, without sha256= and key=, by one of b2c.trust=. URL may also be a path or base64:DATA.",
		Run:     fetchHook,
	}}
}

// extraArgs adds the arguments that stand where call says.
func (b *boot) extraArgs(ctx context.Context, call *command.Call) error {
	now, add := b.given, b.addLocal
	if strings.Contains(call.Args[0], "://") {
		add = b.addFetched
	}
	more, err := add(ctx, call, &now)
	if err != nil {
		return err
	}
	if err := b.extend(now, more); err != nil {
		return err
	}
	call.Printf("%s", b.line.Assignments(more))
	return nil
}

// addLocal adds those of a file or of the firmware, and returns them.
func (b *boot) addLocal(_ context.Context, call *command.Call, to *given) (more *cmdline.Line, err error) {
	from := file(call.Path(call.Args[0]))
	if call.Args[0] == oemStrings.name {
		from = oemStrings
	}
	if more, err = from.line(b.given.keys); err != nil {
		return nil, err
	}
	packed, err := unpack(more)
	if err != nil {
		return nil, err
	}
	more = more.With(packed)
	to.machine = to.machine.With(more)
	return more, nil
}

// oemStrings is what who made the machine, or who started a virtual one, put into SMBIOS.
var oemStrings = source{"oem-strings", func() ([]byte, error) { return extraargs.OEMStrings("/sys/firmware/dmi/tables/DMI") }, nil}

// addFetched adds those of a URL, and returns them.
func (b *boot) addFetched(ctx context.Context, call *command.Call, to *given) (*cmdline.Line, error) {
	more, err := b.fetchArguments(ctx, call, call.Args[0], call.Seconds("t"))
	if err != nil {
		return nil, err
	}
	more.Ignore("extra arguments name no further ones", "b2c.extra_args_url", "b2c.extra_args")
	ignoreOwn(more)
	to.server = to.server.With(more)
	return more, nil
}

func (b *boot) fetchArguments(ctx context.Context, call *command.Call, url string, limit time.Duration) (*cmdline.Line, error) {
	url, err := extraargs.Fill(url, b.facts())
	if err != nil {
		return nil, err
	}
	text, err := extraargs.Get(ctx, call, url, limit, b.given.keys)
	if err != nil {
		return nil, err
	}
	return cmdline.Parse(text)
}

func (b *boot) facts() extraargs.Facts {
	return extraargs.Facts{
		DMI:        "/sys/class/dmi/id",
		DeviceTree: "/proc/device-tree",
		Hardware:   network.DefaultHardware,
		Hostname: func() (string, error) {
			if name := b.line.Value("b2c.hostname"); name != "" && b.line.Has("b2c.hostname") {
				return name, nil
			}
			if name, err := os.Hostname(); err == nil && network.Named(name) {
				return name, nil
			}
			return "", errors.New("this machine has no name yet: b2c.hostname= gives one")
		},
	}
}

// checkConditions checks what a text says of the machine that it is for, and of the time.
func (b *boot) checkConditions(c trust.Conditions) error {
	return c.Check(time.Now(), func() []string { return b.facts().Names() })
}

// extend makes now the boot's arguments: from here on they count. more is what is new in them.
func (b *boot) extend(now given, more *cmdline.Line) error {
	if err := b.checkConditions(trust.Of(more)); err != nil {
		return err
	}
	if err := checkPhases(b.folder, now.line()); err != nil {
		return err
	}
	late, err := tooLate(b.folder, b.now.file, more)
	if err != nil {
		return err
	}
	more.Warnings = append(more.Warnings, late...)
	b.heed(now, more)
	return nil
}

// heed makes the arguments the boot's; those in added are new in them: what is not shown,
// which phases are special, how the console looks.
func (b *boot) heed(now given, added *cmdline.Line) {
	line := now.line()
	b.given, b.line, b.chosen = now, line, newSelection(line)
	b.out.Hide(line.Secrets(b.secrets)...)
	if added.Has("b2c.log") {
		b.out.SetForm(line.Value("b2c.log")) // what it refuses is in the line's warnings
	}
	if added.Has("b2c.status_nonce") {
		if err := b.out.SetNonce(line.Value("b2c.status_nonce")); err != nil {
			b.out.Warn(err.Error())
		}
	}
	if added.Has("b2c.on_fail") {
		wanted, err := parseOnFail(line.Value("b2c.on_fail"))
		if err != nil {
			b.out.Warn(err.Error())
		}
		b.onFail = wanted
	}
	if added.Has("b2c.watchdog") {
		if err := checkWatchdog(line.Value("b2c.watchdog")); err != nil {
			b.out.Warn(err.Error())
		}
	}
	if added.Has("b2c.deadline") {
		limits, err := parseDeadlines(line.Value("b2c.deadline"))
		if err != nil {
			b.out.Warn(err.Error())
		}
		b.limits = limits
	}
	for _, text := range added.Warnings {
		b.out.Warn(text)
	}
}
