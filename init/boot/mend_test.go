package boot

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/init/console"
	"bootrc/kit/command"
)

// bootWith runs hooks with a kernel's arguments, and returns what the console shows.
func bootWith(t *testing.T, arguments string, hooks map[string]string, commands ...command.Command) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range hooks {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "console"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	hook := command.Command{Name: "drop", Summary: "make a hook", Operands: "NAME TEXT", Run: func(_ context.Context, call *command.Call) error {
		return os.WriteFile(filepath.Join(folder, call.Args[0]), []byte(call.Args[1]), 0o755)
	}}
	if err := RunHooks(t.Context(), append(commands, hook), nil, arguments, folder, console.New(file)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A phase that runs again shares its variables and functions with later ones, and its options, folder,
// parameters and failure with nobody.
func TestPhaseRunsAgain(t *testing.T) {
	got := bootWith(t, "b2c.log=plain b2c.skip=last,py", map[string]string{
		"30-net.sh": `set -e
			[ -n "$cable" ] || return 0
			address=10.0.0.1
			cd /tmp
			set -- a b
			IFS=,
			tell() { echo "told $address"; }
			[ "$cable" = good ] || false
			exit 0
			echo never`,
		"50-mend.sh": `phase net
			cable=bad
			phase net || echo "status $?"
			phase
			cable=good
			set -- mine
			phase net
			false
			echo "$PWD $1 $address,$IFS"
			tell
			phase py
			phase netw; phase --check net; phase --show last; phase --done last`,
		"60-last.sh": "echo last",
		"65-py.sh":   "#!/usr/bin/env python3\nprint('never')",
		"90-end.sh":  "tell; phase",
	})
	for _, want := range []string{
		"phase: 30-net.sh: line 8: exit status 1\nstatus 1\n",
		"net          30-net.sh", "failed in line 8\n",
		"mend         50-mend.sh", "/ mine 10.0.0.1, \t\n\ntold 10.0.0.1\n",
		"phase: 65-py.sh is written for python3",
		"phase: no phase is named netw; did you mean \"net\"?; there are: net, mend, last, py, end\necho last",
		"told 10.0.0.1\nnet          30-net.sh",
		"left out (b2c.skip)\n", "done\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	if strings.Contains(got, "never") {
		t.Errorf("exit does not end the phase:\n%s", got)
	}
}

// Arguments get other values while a boot is mended, and the pipeline its status from what runs then.
func TestSetArg(t *testing.T) {
	got := bootWith(t, "b2c.log=plain b2c.run=one b2c.run=two b2c.hostname=old b2c.trust="+someKey, map[string]string{
		"60-run.sh": `B2C_PIPELINE_STATUS=${b2c_pipefail:-3}
			[ "$B2C_PIPELINE_STATUS" != 3 ] || blame 60-run.sh "it failed"
			echo "run $b2c_run"`,
		"90-end.sh": `set-arg b2c.runn=x; set-arg b2c.skip=nosuch; set-arg b2c.pipefail=maybe
			set-arg b2c.run="a 'b c'" b2c.run=d b2c.pipefail b2c.hostname=new
			set-arg b2c.trust= b2c.watchdog=7; set-arg b2c.pull=allways; echo "watchdog $b2c_watchdog, trust $b2c_trust."
			phase run
			echo "$b2c_hostname $B2C_PIPELINE_STATUS"; causes`,
	})
	for _, want := range []string{
		"run 'one' 'two'\n", "did you mean \"b2c.run\"?\n", "argument b2c.skip=nosuch: no such phase", "a flag is 1 or 0\n",
		"b c", " 'd'\n", "new 1\n",
		"argument b2c.watchdog is ignored: PID 1 reads it from the kernel's command line alone\n",
		"argument b2c.trust is ignored: it counts on the kernel's command line alone\n",
		"argument b2c.pull=allways: expected always or newer", "watchdog , trust '" + someKey + "'.\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	if strings.Contains(got, "What failed") {
		t.Errorf("what was mended is listed:\n%s", got)
	}
}

// Files that are no hooks, hooks that come too late, and those in other languages are named.
func TestOddHooks(t *testing.T) {
	got := bootWith(t, "b2c.log=plain", map[string]string{
		"wifi.sh": "echo never", "notes": "not run", "README.md": "no hook", "35-up": "#!/bin/sh\necho never",
		"40-late.sh": "drop 20-gone.sh 'echo never'; drop 50-next.sh 'echo next'",
		"45-back.sh": "return 0\necho never",
		"60-py.sh":   "#!/usr/bin/env python3\nprint('never')",
		"70-not.sh":  "echo never",
		"90-end.sh":  "causes",
	})
	for _, want := range []string{
		"wifi.sh is not run: a hook's name has the form NN-name.sh, such as 35-wifi.sh\n",
		"35-up is not run: ",
		"B2C_WARNING: hook 20-gone.sh came after 40-late.sh, when its turn was over, and is not run: give it a higher number\n",
		"next\n",
		"ERROR: 60-py.sh is written for python3, and hooks are POSIX shell scripts: ",
		"What failed: 60-py.sh is written for python3",
	} {
		if strings.Count(got, want) < 1 {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	for _, never := range []string{"never\n", "notes", "README", "45-back.sh: line"} {
		if strings.Contains(strings.ReplaceAll(got, "echo never", ""), never) {
			t.Errorf("%q in:\n%s", never, got)
		}
	}
}

func TestParseOnFail(t *testing.T) {
	for value, want := range map[string]string{
		"": "", "shell": "", "shell,0": "", "shell,2m": "",
		"reboot":     "argument b2c.on_fail=reboot: expected shell, or shell,SECONDS",
		"shell,soon": `argument b2c.on_fail=shell,soon: "soon" is not a time`,
	} {
		_, err := parseOnFail(value)
		if got := errorText(err); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
