#!/bin/sh
# pull.sh compares pull with podman, skopeo and umoci, crane and tar, and with pipes of curl, pigz or
# igzip, and bsdtar, which check nothing and unpack all layers at once; from a registry on this
# machine, onto tmpfs and ext4: times, CPU and memory. As root.
#
#   ./bench/pull.sh [-runs N]          N runs (default 3), in each of which every way pulls once, by turns
#   ./bench/pull.sh [-row NAME] [-only NAME]
#                                      one image alone: system, hundred, large, link; one way alone
#
# It runs on Debian 12 and installs what it needs; crane is built from its module into
# ${XDG_CACHE_HOME:-$HOME/.cache}/bootrc/bin. It writes some 15 GiB below ${TMPDIR:-/tmp}, and needs
# 6 GiB of memory. README.md explains the figures.
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
	build crane github.com/google/go-containerregistry/cmd/crane github.com/google/go-containerregistry v0.22.1
	CGO_ENABLED=1 go build -trimpath -tags 'netgo osusergo seccomp' \
		-ldflags '-s -w -extldflags -static' -o "$work/init" ./init
	go build -o "$work/pull" ./bench/pull
	PATH="$bin:$PATH" "$work/pull" -ours "$work/init" "$@"
}

install() {
	missing=
	for pair in gcc:gcc pkg-config:pkg-config podman:podman skopeo:skopeo umoci:umoci igzip:isal pigz:pigz bsdtar:libarchive-tools \
		curl:curl docker-registry:docker-registry; do
		command -v "${pair%:*}" >/dev/null || missing="$missing ${pair#*:}"
	done
	pkg-config --exists libseccomp 2>/dev/null || missing="$missing libc6-dev libseccomp-dev"
	[ -n "$missing" ] || return 0
	echo "pull.sh: installing$missing" >&2
	apt-get -qq update
	# shellcheck disable=SC2086 # several words
	DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $missing >/dev/null
}

# build NAME PACKAGE MODULE VERSION builds a program that is not built yet, in a module of its own:
# `go install` would want a list of all versions, which not every module proxy has.
build() {
	[ ! -x "$bin/$1" ] || return 0
	mkdir -p "$bin" "$work/$1"
	(
		cd "$work/$1"
		go mod init bench
		go mod edit -require "$3@$4"
		CGO_ENABLED=0 go build -mod=mod -o "$bin/$1" "$2"
	)
}

main "$@"
