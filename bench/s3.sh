#!/bin/sh
# s3.sh compares s3sync with mc, rclone and s5cmd, on one MinIO server on this machine:
# times, CPU and memory, for many small files and for a large one.
#
#   ./bench/s3.sh [-runs N]            N runs (default 5), in each of which every program
#                                      does every task once, by turns
#   ./bench/s3.sh [-runs N] -only s3sync
#                                      one program alone
#
# It runs on Debian 12 and installs what it needs; the server and the peers are built from
# their modules into ${XDG_CACHE_HOME:-$HOME/.cache}/bootrc/bin. It writes some 3 GiB below
# ${TMPDIR:-/tmp}. README.md explains the figures.
set -eu
export LC_ALL=C

bin=${XDG_CACHE_HOME:-$HOME/.cache}/bootrc/bin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

main() {
	cd "$(dirname "$0")/.."
	install
	build minio github.com/minio/minio v0.0.0-20260212201848-7aac2a2c5b7c
	build mc github.com/minio/mc v0.0.0-20250313080218-cf909e1063a9
	build s5cmd github.com/peak/s5cmd/v2 v2.3.0
	CGO_ENABLED=1 go build -trimpath -tags 'netgo osusergo seccomp' \
		-ldflags '-s -w -extldflags -static' -o "$work/init" ./init
	go build -o "$work/s3" ./bench/s3
	"$work/s3" -ours "$work/init" "$@"
}

install() {
	missing=
	for pair in gcc:gcc rclone:rclone pkg-config:pkg-config; do
		command -v "${pair%:*}" >/dev/null || missing="$missing ${pair#*:}"
	done
	pkg-config --exists libseccomp 2>/dev/null || missing="$missing libc6-dev libseccomp-dev"
	[ -n "$missing" ] || return 0
	echo "s3.sh: installing$missing" >&2
	as_root=
	[ "$(id -u)" = 0 ] || as_root=sudo
	$as_root apt-get -qq update
	# shellcheck disable=SC2086 # several words
	$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -qq -y --no-install-recommends install $missing >/dev/null
}

# build NAME MODULE VERSION builds a program that is not built yet, in a module of its own:
# `go install` would want a list of all versions, which not every module proxy has.
build() {
	[ ! -x "$bin/$1" ] || return 0
	mkdir -p "$bin" "$work/$1"
	(
		cd "$work/$1"
		go mod init bench
		go mod edit -require "$2@$3"
		CGO_ENABLED=0 go build -mod=mod -o "$bin/$1" "$2"
	)
}

main "$@"
