#!/bin/sh
# fuzz.sh runs the fuzz targets: each parser of bytes that others send, or leave on a disk, gets
# as many made-up ones as fit into a time. What a target finds, it leaves as a file below its
# package's testdata/fuzz, where every later test tries it again: commit it with the fix.
#
#   test/fuzz.sh                    a minute for each
#   test/fuzz.sh TIME               such as 1h
#   test/fuzz.sh TIME PACKAGE…      only those of these packages: test/fuzz.sh 10s ./network
#   test/fuzz.sh -l                 list the packages and their targets
#
# WORKERS=N in the environment is how many processes share a target, usually one.

set -eu
cd "$(dirname "$0")/.."
export GOFLAGS=-trimpath

# targets lists PACKAGE TARGET. What needs dash on the machine, and compares with it, is no
# parser of foreign bytes.
targets() {
	grep -rl --include='*_test.go' '^func Fuzz' "$@" | sort | while read -r file; do
		sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file" | while read -r target; do
			echo "./$(dirname "${file#./}") $target"
		done
	done | grep -v '/conformance '
}

[ "${1:-}" != -l ] || {
	targets .
	exit
}
time=${1:-1m}
[ $# = 0 ] || shift
[ $# -gt 0 ] || set -- .
failed=
list=$(targets "$@")
while read -r package target; do
	echo "== $package $target"
	go test -vet=off -tags seccomp -run '^$' -fuzz "^$target\$" -fuzztime "$time" -parallel "${WORKERS:-1}" "$package" ||
		failed="$failed $package:$target"
done <<LIST
$list
LIST
[ -z "$failed" ] || {
	echo "these found something:$failed" >&2
	exit 1
}
