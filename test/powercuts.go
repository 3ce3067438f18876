package test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// cuts is how often a scenario's powercuts cuts the power.
var cuts = flag.Int("cuts", 12, "how often each scenario of power cuts cuts the power")

var (
	// reportLine is what a hook says was done, or is about to be undone.
	reportLine = regexp.MustCompile(`(?m)^reported: (.*)\n`)
	damageLine = regexp.MustCompile(`(?m)^damaged: .*`)
)

// powercutsCommand boots the scenario's machine again and again, and cuts its power
// at random moments. Each boot finds in /reported what the earlier ones reported;
// what it says is damaged fails the scenario, as does a disk whose file system is
// not right once its journal was replayed; but for -any, where it is still being made.
func powercutsCommand(ts *testscript.TestScript, neg bool, args []string) {
	flags := flag.NewFlagSet("powercuts", flag.ContinueOnError)
	any := flags.Bool("any", false, "")
	if err := flags.Parse(args); err != nil || neg || flags.NArg() < 2 {
		ts.Fatalf("usage: powercuts [-any] SECONDS RE…")
	}
	args = flags.Args()
	seconds, err := strconv.ParseFloat(args[0], 64)
	ts.Check(err)
	s := of(ts)
	ts.Check(s.report(nil))
	for n := range *cuts {
		bootCommand(ts, false, nil)
		moment := time.Duration(rand.Float64() * seconds * float64(time.Second))
		begin := args[1+rand.IntN(len(args)-1)]
		err := s.cutAfter(begin, moment)
		if err == nil && !*any {
			err = s.checkDisks()
		}
		if err != nil {
			ts.Fatalf("power cut %d of %d, %v after %s: %v", n+1, *cuts, moment, begin, err)
		}
		// the last two consoles are enough to see what went wrong
		s.machines = s.machines[max(0, len(s.machines)-2):]
	}
}

// cutAfter cuts the machine's power so long after its console shows begin.
func (s *scenario) cutAfter(begin string, moment time.Duration) error {
	m := s.running
	s.forbidden = append(s.forbidden, forbiddenText{re: damageLine})
	re, err := regexp.Compile("(?m)" + begin)
	if err != nil {
		return err
	}
	if err := m.Expect(re, false); err != nil {
		reason, end := m.Wait()
		return errors.Join(fmt.Errorf("%w (%s)", err, reason), end)
	}
	time.Sleep(moment)
	m.Cut()
	if err := s.report(reportLine.FindAllStringSubmatch(m.Console.Text(), -1)); err != nil {
		return err
	}
	return s.ended()
}

func (s *scenario) checkDisks() error {
	for _, disk := range s.hardware.Disks {
		if err := checkFileSystem(disk.File); err != nil {
			return err
		}
	}
	return nil
}

// report adds lines to the file /reported of the machine's next boot.
func (s *scenario) report(lines [][]string) error {
	file := filepath.Join(s.dir, "root", "reported")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, line := range lines {
		if _, err := fmt.Fprintln(f, line[1]); err != nil {
			return err
		}
	}
	return nil
}

// checkFileSystem replays the journal of a disk's ext4, in a copy, and checks all of
// it then. It is the whole of the disk, or its first partition, at 1 MiB.
func checkFileSystem(disk string) error {
	scratch := disk + ".check"
	defer os.Remove(scratch)
	partitioned, err := isPartitioned(disk)
	if err != nil {
		return err
	}
	take := exec.Command("dd", "if="+disk, "of="+scratch, "bs=1M", "conv=sparse", "status=none")
	if partitioned {
		take.Args = append(take.Args, "skip=1")
	}
	if out, err := take.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w: %s", take, err, out)
	}
	replay := exec.Command("e2fsck", "-p", scratch)
	out, err := replay.CombinedOutput()
	// 1: errors corrected; replaying the journal counts as one
	if err != nil && replay.ProcessState.ExitCode() != 1 {
		return fmt.Errorf("%v: %w: %s", replay, err, out)
	}
	check := exec.Command("e2fsck", "-f", "-n", scratch)
	if out, err := check.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w: %s", check, err, out)
	}
	return nil
}

// isPartitioned tells whether a disk has a GPT: UEFI specification, 5.3.2.
func isPartitioned(disk string) (bool, error) {
	f, err := os.Open(disk)
	if err != nil {
		return false, err
	}
	defer f.Close()
	var signature [8]byte
	_, err = f.ReadAt(signature[:], 512)
	return string(signature[:]) == "EFI PART", err
}
