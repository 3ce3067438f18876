#!/bin/bash
# sh.sh [SHELL…] compares shells: the time that each takes for the same scripts, in seconds, the
# best of three, and beside it the ratio to the first one's. Without arguments: busybox ash, dash,
# and our sh, which is built. The scripts print nothing.
set -eu
cd "$(dirname "$0")/.."

names=() commands=()
add() { names+=("$1"); commands+=("$2"); }
. ./bench/peers.sh
if [ $# -gt 0 ]; then
	for shell; do add "${shell##*/}" "$shell"; done
else
	install busybox:busybox dash:dash
	build_ours "$work/sh"
	add 'busybox ash' 'busybox ash'
	add dash dash
	add bootrc "$work/sh"
fi

# measure SHELL FILE: seconds, the best of three
measure() {
	local best=999 begin end took
	for _ in 1 2 3; do
		begin=$EPOCHREALTIME
		$1 "$2" >/dev/null
		end=$EPOCHREALTIME
		took=$(awk -v a="$begin" -v b="$end" 'BEGIN { printf "%.4f", b - a }')
		best=$(awk -v a="$best" -v b="$took" 'BEGIN { print (b < a) ? b : a }')
	done
	echo "$best"
}

compare() {
	cat >"$work/script"
	printf '%-28s' "$1"
	local first=
	for i in "${!commands[@]}"; do
		took=$(measure "${commands[$i]}" "$work/script")
		: "${first:=$took}"
		printf '  %s %.3f (%.2f)' "${names[$i]}" "$took" "$(awk -v a="$took" -v b="$first" 'BEGIN { print a / b }')"
	done
	echo
}

compare 'nothing' <<'E'
E
compare '100,000 rounds of a loop' <<'E'
i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done
E
compare '100,000 function calls' <<'E'
f() { a=$1; }; i=0; while [ $i -lt 100000 ]; do f $i; i=$((i+1)); done
E
compare '10,000 cases' <<'E'
i=0; while [ $i -lt 10000 ]; do case x$i in y*) a=1 ;; *z) a=2 ;; x[0-9]*) a=3 ;; esac; i=$((i+1)); done
E
compare '5,000 string cuts' <<'E'
s=/one/two/three.tar.gz; i=0; while [ $i -lt 5000 ]; do a=${s##*/}; b=${a%%.*}; c=${s%/*}; d=${c#/}; i=$((i+1)); done
E
compare '10,000 lines printed' <<'E'
i=0; while [ $i -lt 10000 ]; do echo "line $i"; i=$((i+1)); done | while read -r a b; do :; done
E
compare '1,000 command substitutions' <<'E'
i=0; while [ $i -lt 1000 ]; do a=$(echo $i); i=$((i+1)); done
E
compare '1,000 pipelines of builtins' <<'E'
i=0; while [ $i -lt 1000 ]; do echo $i | { read -r x; }; i=$((i+1)); done
E
compare '1,000 programs' <<'E'
i=0; while [ $i -lt 1000 ]; do /bin/true; i=$((i+1)); done
E
