package test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bootrc/test/machine"

	"github.com/rogpeppe/go-internal/testscript"
)

// limit is how long a machine may run: a machine that hangs ends there, and no slow
// and busy host makes one of the others need so much.
const limit = 20 * time.Minute

// faultTexts are what no console shows, unless allowed.
var faultTexts = map[string]string{
	"kernel-fault": `Kernel panic|BUG: |Oops: |general protection fault`,
	"go-panic":     `^(panic|fatal error|SIG[A-Z]+): |^goroutine [0-9]+ `,
}

// lab is what all scenarios share.
type lab struct {
	builder  *builder
	registry *registry
	done     atomic.Int32 // scenarios
}

// scenario is the state of one script.
type scenario struct {
	*lab
	name, dir string // its name, and the folder of its files

	kernel   string // the series
	modules  []string
	hardware machine.Hardware
	allowed  map[string]bool
	web      *httptest.Server
	served   map[string]string // on web besides http/: a path, and its file
	watched  *watched
	closers  []func()

	machines  []*machine.Machine
	running   *machine.Machine // nil before the first boot and after each end
	forbidden []forbiddenText  // in the console of the running machine
}

// scenarioKey is where a script has its scenario.
type scenarioKey struct{}

// forbiddenText is what must not be on a console.
type forbiddenText struct {
	re  *regexp.Regexp
	raw bool
}

// setup begins a scenario.
func (l *lab) setup(env *testscript.Env) error {
	s := &scenario{
		lab: l, name: strings.TrimPrefix(filepath.Base(env.WorkDir), "script-"), dir: env.WorkDir,
		kernel: "6.12", modules: drivers,
		hardware: machine.Hardware{Arch: "amd64", Memory: 512, NICs: []string{machine.User}, Name: "dut"},
		allowed:  make(map[string]bool), served: make(map[string]string),
	}
	s.web = httptest.NewServer(http.HandlerFunc(s.serve))
	s.closers = append(s.closers, s.web.Close)
	root, err := filepath.Abs("..")
	if err != nil {
		return err
	}
	// what a scenario executes finds Go's caches and settings
	env.Vars = append(os.Environ(), env.Vars...)
	env.Setenv("HOME", os.Getenv("HOME"))
	env.Setenv("ROOT", root)
	env.Setenv("HTTP", "http://"+fromMachine(s.web.Listener.Addr().String()))
	env.Setenv("REGISTRY", s.repository(l.registry.address))
	env.Values[scenarioKey{}] = s
	t, begin := env.T().(testing.TB), time.Now()
	env.Defer(func() { s.finish(t, time.Since(begin)) })
	return nil
}

// of returns a script's scenario.
func of(ts *testscript.TestScript) *scenario { return ts.Value(scenarioKey{}).(*scenario) }

// repository returns where in a registry on loopback the scenario's images are.
func (s *scenario) repository(address string) string {
	return fromMachine(address) + "/" + s.name
}

// fromMachine returns the address that reaches a loopback address's port from
// a machine.
func fromMachine(address string) string {
	return machine.Host + address[strings.LastIndexByte(address, ':'):]
}

// serve is the scenario's web server.
func (s *scenario) serve(w http.ResponseWriter, r *http.Request) {
	name := path.Clean("/" + r.URL.Path)
	if name == "/endless" {
		for text := []byte("b2c.run=endless\n"); ; {
			if _, err := w.Write(text); err != nil {
				return
			}
		}
	}
	for _, file := range []string{s.served[name], filepath.Join(s.dir, "http", name), filepath.Join("../netboot", name)} {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			http.ServeFile(w, r, file)
			return
		}
	}
	http.NotFound(w, r)
}

// start starts a machine with the scenario's hardware.
func (s *scenario) start(hw machine.Hardware) error {
	if s.running != nil {
		return fmt.Errorf("the machine runs: say how it ends before the next boot")
	}
	m, err := machine.Start(hw, limit)
	if err != nil {
		return err
	}
	s.running, s.forbidden = m, s.faults()
	s.machines = append(s.machines, m)
	return nil
}

// faults returns the texts that no console of the scenario shows.
func (s *scenario) faults() []forbiddenText {
	var forbidden []forbiddenText
	for name, text := range faultTexts {
		if !s.allowed[name] {
			forbidden = append(forbidden, forbiddenText{re: regexp.MustCompile("(?m)" + text)})
		}
	}
	return forbidden
}

// booted returns the machine that runs, or ran to its end unseen by the
// scenario.
func (s *scenario) booted() (*machine.Machine, error) {
	if s.running == nil {
		return nil, fmt.Errorf("no machine was booted")
	}
	return s.running, nil
}

// load returns the scenario's kernel and the initramfs for it, with the
// scenario's files.
func (s *scenario) load() (kernel machine.Kernel, initramfs string, err error) {
	if kernel, err = machine.DebianKernel("amd64", s.kernel); err != nil {
		return machine.Kernel{}, "", err
	}
	var modules, base string
	if slices.Contains(s.modules, "all") {
		base, err = s.builder.initramfs("--modules", kernel.Modules)
	} else if base, err = s.builder.initramfs(); err == nil {
		modules, err = s.builder.modules(kernel, s.modules)
	}
	if err != nil {
		return machine.Kernel{}, "", err
	}
	f, err := os.Create(filepath.Join(s.dir, ".initramfs"))
	if err != nil {
		return machine.Kernel{}, "", err
	}
	defer f.Close()
	err = machine.Stack(f, base, machine.Tree{From: modules}, machine.Tree{From: filepath.Join(s.dir, "root")},
		machine.Tree{From: filepath.Join(s.dir, "hooks"), To: "hooks"})
	return kernel, f.Name(), err
}

// ended looks for what must not be on the console of the machine that ran.
func (s *scenario) ended() error {
	console := s.running.Console
	s.running = nil
	raw, text := console.Raw(), []byte(console.Text())
	for _, f := range s.forbidden {
		shown := text
		if f.raw {
			shown = raw
		}
		if found := f.re.Find(shown); found != nil {
			return fmt.Errorf("the console shows %q", found)
		}
	}
	return nil
}

// finish ends a scenario: its machines, servers, and the report.
func (s *scenario) finish(t testing.TB, took time.Duration) {
	if s.running != nil {
		if !t.Failed() {
			t.Error("the scenario does not say how its machine ends: poweroff, reboot or powercut")
		}
		s.running.Cut()
	}
	for _, closer := range s.closers {
		closer()
	}
	result := "pass"
	if t.Failed() {
		result = "FAIL"
	}
	report := fmt.Sprintf("%s %6.1fs  %s (%d done)\n", result, took.Seconds(), s.name, s.done.Add(1))
	if t.Failed() || testing.Verbose() {
		for i, m := range s.machines {
			report += fmt.Sprintf("--- console of %s, boot %d: %s\n%s\n", s.name, i+1, m, m.Console.Text())
		}
	}
	// at once, and not by t.Log: the tests of a run may be long, and its end may be its time limit
	fmt.Print(report)
}
