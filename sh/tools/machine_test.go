package tools

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestMachine(t *testing.T) {
	testScripts(t, []script{
		{line: "date -u -d @1700000000", want: "Tue Nov 14 22:13:20 UTC 2023\n"},
		{line: "date -u -d @1700000000 '+%Y-%m-%dT%H:%M:%SZ %a %A %b %B %e %j %k %I %M %p %y %Z %z %u %w %C %% %F %T %R %D'",
			want: "2023-11-14T22:13:20Z Tue Tuesday Nov November 14 318 22 10 13 PM 23 UTC +0000 2 2 20 % 2023-11-14 22:13:20 22:13 11/14/23\n"},
		{line: "date -u -d '2024-02-29 01:02:03' +%s", want: "1709168523\n"},
		{line: "date +%s.%N | grep -Ec '^[0-9]{10}[.][0-9]{9}$'", want: "1\n"},
		{line: "date -d nonsense", status: 1},
		{line: "date nonsense", status: 2, ours: "a usage error is 2 everywhere here"},
		{line: "sleep 0.01 0.01s"},
		{line: "sleep x", status: 2, ours: "a usage error is 2 everywhere here"},
		{line: "sleep -- -1", status: 2, ours: "a usage error is 2 everywhere here"},
		{line: "uname", want: "Linux\n"},
		{line: `test "$(uname -sm)" = "Linux $(uname -m)"`},
		{line: "uname -a | grep -c '^Linux .* GNU/Linux$'", want: "1\n"},
		{line: `test "$(hostname)" = "$(uname -n)"`},
		{line: "nproc | grep -c '^[0-9]*$'", want: "1\n"},
		{line: "free -m | head -n 1 | tr -s ' '", want: " total used free shared buff/cache available\n"},
		{line: "free -b | grep -Ec '^(Mem|Swap): +[0-9]+ +[0-9]+ +[0-9]+'", want: "2\n"},
		{line: "uptime | grep -c 'up .*load average: '", want: "1\n"},
		{line: "id -u root; id -un 0 || id -un root", want: "0\nroot\n"},
		{line: "id no-such-user", status: 1},
		{line: "env A=1 B='x y' printenv A B", want: "1\nx y\n"},
		{line: "env -i A=1", want: "A=1\n"},
		{line: "env -u HOME printenv HOME", status: 1},
		{line: "env A=1 no-such-command", status: 127},
		{line: "env sh -c 'exit 7'", status: 7},
		{line: "env sh -c 'kill -9 $$'", status: 137, ours: "dash reports the death itself"},
		{line: "printenv HOME", want: "/nowhere\n"},
		{line: "chroot missing /bin/true", status: 1, ours: "coreutils: 125"},
		{line: "umask 027; umask; touch x; stat -c %a x; umask 22; umask", want: "0027\n640\n0022\n"},
		{line: "umask 999", status: 2},
		{line: "ulimit -n | grep -c '^[0-9]*$'", want: "1\n"},
		{line: "ulimit -S -c 0; ulimit -c", want: "0\n"},
		{line: "ulimit -a | wc -l | grep -c .", want: "1\n"},
		{line: "ulimit -n x", status: 2},
		{line: "ulimit -n -u 5", status: 2, ours: "shells differ"},
	})
}

func TestXargs(t *testing.T) {
	testScripts(t, []script{
		{line: "printf 'a b\\nc' | xargs", want: "a b c\n"},
		{line: "printf 'a b c d e' | xargs -n 2", want: "a b\nc d\ne\n"},
		{line: `printf '%s' "'a  b' \"c d\" e\\\\ f" | xargs -n 1`, want: "a  b\nc d\ne\\\nf\n"},
		{line: "printf 'a b\\0c\\0' | xargs -0 -n 1", want: "a b\nc\n"},
		{line: "printf 'x y\\nz\\n' | xargs -I % printenv-not-there %", status: 127},
		{line: "printf 'fruit\\nnoeol\\n' | xargs -I {} head -n 1 {}", want: "pear\none\n"},
		{line: "printf '' | xargs seq 2", want: "1\n2\n"},
		{line: "printf '' | xargs -r seq 2", want: ""},
		{line: "printf 'missing fruit' | xargs -n 1 grep -c apple", want: "2\n", status: 123},
		{line: "printf \"it's\" | xargs", status: 1, want: "", ours: "GNU prints an empty line"},
		{line: "seq 50000 | xargs | wc -w", want: "50000\n"},
		{line: "printf 'fruit' | xargs cat -- /dev/null", want: texts["fruit"]},
	})
}

func TestProcesses(t *testing.T) {
	child := exec.Command("sleep", "100")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	pid := strconv.Itoa(child.Process.Pid)
	for _, test := range []struct{ line, want string }{
		{"ps -o args= -p " + pid, "sleep 100\n"},
		{"ps -o pid,comm=NAME " + pid + " | head -n 1 | tr -s ' '", " PID NAME\n"},
		{"ps aux | grep -c '^ *" + pid + " .* sleep 100$'", "1\n"},
		{"pidof sleep | tr ' ' '\\n' | grep -x " + pid, pid + "\n"},
		{"pgrep -x sleep | grep -x " + pid, pid + "\n"},
		{"pgrep -fl 'sleep 100$' | grep -c '" + pid + " sleep'", "1\n"},
		{"kill -0 " + pid, ""},
		{"kill -s TERM " + pid, ""},
	} {
		out, errOut, status := runOurs(t.Context(), t, t.TempDir(), test.line)
		if out != test.want || status != 0 {
			t.Errorf("%s: %q, status %d: %s", test.line, out, status, errOut)
		}
	}
	if err := <-ended; err == nil || err.Error() != "signal: terminated" {
		t.Errorf("sleep ended with %v", err)
	}
}

func TestKill(t *testing.T) {
	testScripts(t, []script{
		{line: "kill -l 15 HUP 137", want: "TERM\n1\nKILL\n", ours: "dash knows one operand"},
		{line: "kill -l | grep -c TERM", want: "1\n", ours: "the list's form differs"},
		{line: "kill", status: 2},
		{line: "kill -9", status: 2},
		{line: "kill -NONE 1", status: 2},
		{line: "kill -s", status: 2},
		{line: "kill x", status: 1, ours: "dash: 2"},
		{line: "kill -0 99999999", status: 1},
		{line: "kill -CONT -- 99999999", status: 1, ours: "dash takes no --"},
		{line: "pidof no-such-program", status: 1, ours: "sysvinit-utils is not on every machine"},
		{line: "pgrep '('", status: 2},
		{line: "pkill -TERM no-such-program-here", status: 1},
	})
}

func TestStatLine(t *testing.T) {
	tail := " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 3 22"
	p, ok := parseStat("42 (a) b (c))" + tail)
	if !ok || p.pid != 42 || p.name != "a) b (c)" || p.parent != 1 || p.resident != 3*int64(os.Getpagesize()) {
		t.Errorf("%+v, %v", p, ok)
	}
	for _, broken := range []string{"", "1", "1 (x", "x (y)" + tail, "1 )(" + tail, "1 (x) S 1"} {
		if p, ok := parseStat(broken); ok {
			t.Errorf("%q is read as %+v", broken, p)
		}
	}
}

func TestKernelRecord(t *testing.T) {
	for record, want := range map[string]string{
		"6,339,5140900,-;NET: Registered\n SUBSYSTEM=net\n": "[    5.140900] NET: Registered\n",
		`4,1,12,-;two\x0alines` + "\n":                      "[    0.000012] two\n               lines\n",
		`4,1,12,-;a\x1b[2J` + "\n":                          "[    0.000012] a\\x1b[2J\n",
		"no record":                                         "no record",
	} {
		if got := formatRecord(record, time.Time{}); got != want {
			t.Errorf("%q: %q, want %q", record, got, want)
		}
	}
}

func TestSizes(t *testing.T) {
	for bytes, want := range map[uint64]string{
		0: "0", 1023: "1023", 1024: "1.0K", 1500: "1.5K", 10 << 10: "10K", 1 << 20: "1.0M", 1<<64 - 1: "16E", 1023 << 10: "1.0M",
	} {
		if got := humanSize(bytes); got != want {
			t.Errorf("%d is %q, want %q", bytes, got, want)
		}
	}
}

// a command that waits, whatever for, ends when its context does
func TestInterrupt(t *testing.T) {
	dir := folder(t)
	pipe, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	defer pipe.Close()
	for _, line := range []string{
		"sleep 1000", "tail -f fruit", "cat /dev/zero > /dev/null", "seq 9999999999999 > /dev/null", "mkfifo p; cat p",
		"mkfifo q; grep x q", "dd if=/dev/zero of=/dev/null", "env sleep 1000", "find / > /dev/null; sleep 1000",
		"head -c 1T /dev/zero | tr a b > /dev/null", "sort /dev/zero; sleep 1000", "cp /dev/zero copy; sleep 1000",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			interpret(ctx, dir, line)
		}()
		select {
		case <-ended:
			if ctx.Err() == nil {
				t.Errorf("%q ended by itself", line)
			}
		case <-time.After(10 * time.Minute):
			t.Fatalf("%q goes on", line)
		}
		cancel()
		os.Remove(dir + "/copy")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	in := (&call{out: discard()}).input(ctx, pipe)
	if _, err := in.Read(make([]byte, 1)); err != context.DeadlineExceeded {
		t.Errorf("reading an idle pipe: %v", err)
	}
}

// nothing is printed, and nothing hangs, when the reader has enough
func TestBrokenPipe(t *testing.T) {
	for _, line := range []string{"cat /dev/zero | head -c 1 > /dev/null", "grep -v x /dev/urandom | head -n 1 > /dev/null", "find / | head -n 1", "ls -R /proc/self | head -n 1 > /dev/null"} {
		_, errOut, status := runOurs(t.Context(), t, folder(t), line)
		if strings.Contains(errOut, "pipe") || status != 0 {
			t.Errorf("%s: status %d, %q", line, status, errOut)
		}
	}
}
