package test

import (
	"fmt"
	"io"
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

// faultTexts are what no console shows, unless allowed. A FIRMWARE BUG is none of the kernel's.
var faultTexts = map[string]string{
	"kernel-fault": `Kernel panic|(^|[^E] )BUG: |Oops: |general protection fault`,
	"go-panic":     `^(panic|fatal error|SIG[A-Z]+): |^goroutine [0-9]+ `,
}

// lab is what all scenarios share.
type lab struct {
	series   string // the one kernel, with all of its modules, that all of them boot; "": what each says
	builder  *builder
	registry *registry
	plain    func() (console string, err error) // of a boot that is told nothing
	done     atomic.Int32                       // scenarios
}

// scenario is the state of one script.
type scenario struct {
	*lab
	name, dir string // its name, and the folder of its files

	arch       string // of the kernel
	kernel     string // the series
	packed     bool   // whether the kernel starts as a boot loader would start it
	modules    []string
	deviceTree string // what modules are chosen by instead, and the board has, unless QEMU makes its own
	hardware   machine.Hardware
	allowed    map[string]bool
	web        *httptest.Server
	served     map[string]string // on web besides http/: a path, and its file
	watched    *watched
	closers    []func()

	machines  []*machine.Machine
	running   *machine.Machine // nil before the first boot and after each end
	arguments string           // of the running machine
	typed     []string         // on it
	forbidden []forbiddenText  // in its console
	glyphs    glyphs           // of its screen
}

// scenarioKey is where a script has its scenario.
type scenarioKey struct{}

// forbiddenText is what must not be on a console.
type forbiddenText struct {
	re  *regexp.Regexp
	raw bool
}

// scenario returns one that has not said yet what its machine is to be.
func (l *lab) scenario(name, dir string) *scenario {
	s := &scenario{
		lab: l, name: name, dir: dir, arch: "amd64", kernel: "6.12", modules: drivers,
		hardware: machine.Hardware{Arch: "amd64", Memory: 512, NICs: []string{machine.User}, Name: "dut"},
		allowed:  make(map[string]bool), served: make(map[string]string),
	}
	if l.series != "" {
		s.kernel, s.modules = l.series, []string{allModules}
	}
	return s
}

// setup begins a scenario.
func (l *lab) setup(env *testscript.Env) error {
	s := l.scenario(strings.TrimPrefix(filepath.Base(env.WorkDir), "script-"), env.WorkDir)
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
	if name == "/drips" {
		for {
			if _, err := io.WriteString(w, "b"); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			time.Sleep(time.Second)
		}
	}
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

// quickStart spares a kernel the tests of its ciphers and its defences, and the host a fifth of
// the time until /init runs.
const quickStart = "cryptomgr.notests mitigations=off"

// boot starts the scenario's machine by QEMU's own boot loader.
func (s *scenario) boot(arguments string) error {
	kernel, initramfs, err := s.load()
	if err != nil {
		return err
	}
	hw := s.hardware
	hw.Kernel, hw.Initramfs, hw.Arguments = kernel.Image, initramfs, arguments
	if tree := s.treeFile(kernel); strings.HasPrefix(tree, kernel.DeviceTrees()) && s.deviceTree != "" {
		hw.Extra = append(slices.Clip(hw.Extra), "-dtb", tree)
	}
	if !s.packed {
		if hw.Kernel, err = kernel.Vmlinux(); err != nil {
			return err
		}
		hw.Arguments = quickStart + " " + arguments
	}
	s.arguments, s.typed = arguments, nil
	return s.start(hw)
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
	if kernel, err = machine.DebianKernel(s.arch, s.kernel); err != nil {
		return machine.Kernel{}, "", err
	}
	base, modules, err := s.drivers(kernel)
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

// allModules stands for all modules of a kernel.
const allModules = "all"

// drivers returns the initramfs for a kernel, and a folder of those drivers that are not in it.
func (s *scenario) drivers(kernel machine.Kernel) (base, folder string, err error) {
	if s.deviceTree != "" {
		base, err = s.builder.initramfs("--arch", s.arch, "--modules", kernel.Modules, "--dtb", s.treeFile(kernel))
		return base, "", err
	}
	if slices.Contains(s.modules, allModules) {
		base, err = s.builder.initramfs("--modules", kernel.Modules)
		return base, "", err
	}
	if base, err = s.builder.initramfs(); err == nil {
		folder, err = s.builder.modules(kernel, s.modules)
	}
	return base, folder, err
}

// treeFile returns the file of the device tree: the scenario's own, which QEMU made, or the
// kernel's.
func (s *scenario) treeFile(kernel machine.Kernel) string {
	if own := filepath.Join(s.dir, s.deviceTree); fileExists(own) {
		return own
	}
	return filepath.Join(kernel.DeviceTrees(), s.deviceTree)
}

func fileExists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
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
