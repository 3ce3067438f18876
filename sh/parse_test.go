package sh

import (
	"os/exec"
	"strings"
	"testing"

	"bootrc/test/program"
)

// What a POSIX script means here must be what it means in the real shell.
func TestAsInTheRealShell(t *testing.T) {
	for _, script := range []string{
		`a='it'\''s'; echo "$a"`,
		`a=x\ y; echo "$a"; b=\\; echo "$b"; c=\$a; echo "$c"; d=\'\"; echo "$d"`,
		`a=\é; echo "$a"`,
		`case it\'s in it\'s) echo same ;; *) echo other ;; esac`,
		`case '*' in \*) echo star ;; esac; case x in \*) echo star ;; *) echo none ;; esac`,
		`echo a\ b \\ \$HOME "\$HOME \" \x" '\x'`,
		`cd "$(mktemp -d)" && echo x >a\ b && ls && cat a\ b && rm a\ b`,
		`a=~; [ "$a" = "$HOME" ] && echo home; b=\~; echo "$b"`,
		"cat <<EOF\nit\\'s \\$HOME \\\\ \\x\nEOF",
		`set -- 'a b' c; for i in "$@"; do echo "<$i>"; done; for i; do echo "$i"; done; shift; echo $#`,
		`a=one,two; echo "${a%%,*} ${a#*,} ${a:-x} ${nothing:-it\'s} ${#a}"`,
		`IFS=,; a=1,2,3; for i in $a; do echo "$i"; done`,
		`f() { local x=1; echo $x; return 3; }; f; echo $?`,
		`f() { false || return; echo never; }; f; echo $?; f() { (exit 3); return; }; f; echo $?`,
		`export A=1 B; readonly R=2; echo $A$R; sh -c 'echo $A'`,
		`false || echo or; true && echo and; ! false; echo $?`,
		`set -e; if false; then :; fi; false || :; echo on; false; echo never`,
		`a=$(printf 'x\n\n'); echo "<$a>"; echo "$((1+2*3)) $((7%4))"`,
		`while read -r line; do echo "<$line>"; done <<EOF
one \ two
 three
EOF`,
		`x=5; while [ $x -gt 3 ]; do x=$((x-1)); [ $x = 4 ] && continue; echo $x; done; until true; do :; done`,
		`eval "set -- 'a b' 'it'\\''s'"; echo "$1|$2"`,
		`trap 'echo bye' EXIT; (exit 3); echo $?; exit 4`,
		`{ echo a; echo b >&2; } 2>/dev/null; (cd /; pwd); echo x | { read v; echo $v; }`,
		`printf '%s-%d\n' a 1 b 2; printf '%05d %x\n' 42 255`,
		`unset nothing; echo "${nothing-unset}" "${nothing+set}"; set -u; (echo "$nothing") 2>/dev/null || echo failed`,
		`[ -d / ] && [ ! -e /no/such ] && [ a != b ] && [ 1 -lt 2 ] && echo yes`,
		`echo /et[c] /no/such/*; set -f; echo /et[c]`,
		`a=1; a=2 eval 'echo $a'; wait; : "${b:=new}"; echo $b`,
	} {
		dash := exec.Command(program.Need(t, "dash"), "-c", script)
		want, wantErr := dash.CombinedOutput()
		var out output
		shell, err := New(Config{Table: NewTable(), Env: dash.Environ(), Stdout: &out, Stderr: &out})
		if err != nil {
			t.Fatal(err)
		}
		runErr := shell.Run(t.Context(), "test", strings.NewReader(script), Options{})
		if out.String() != string(want) || (runErr == nil) != (wantErr == nil) {
			t.Errorf("%s\nprinted %q (%v)\ndash:   %q (%v)", script, out.String(), runErr, want, wantErr)
		}
	}
}
