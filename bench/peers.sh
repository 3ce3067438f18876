#!/bin/sh
# What the scripts of bench install and build: they read it. bin is where programs are built to, and work a folder
# that goes with the script.
# shellcheck disable=SC2034 # bin is used there
export LC_ALL=C

bin=${XDG_CACHE_HOME:-$HOME/.cache}/bootrc/bin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# install PROGRAM:PACKAGE... installs what is missing on Debian, and what a static bootrc is built with.
install() {
	missing=
	for pair in gcc:gcc cpio:cpio pkg-config:pkg-config "$@"; do
		command -v "${pair%:*}" >/dev/null || missing="$missing ${pair#*:}"
	done
	pkg-config --exists libseccomp 2>/dev/null || missing="$missing libc6-dev libseccomp-dev"
	[ -n "$missing" ] || return 0
	echo "${0##*/}: installing$missing" >&2
	as_root=
	[ "$(id -u)" = 0 ] || as_root=sudo
	$as_root apt-get -qq update
	# shellcheck disable=SC2086 # several words
	$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -qq -y --no-install-recommends install $missing >/dev/null
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

# build_ours FILE takes bootrc's binary out of an initramfs: it is built for the product with other
# options than go's own.
build_ours() {
	./mkinitramfs.sh --compress none -o "$work/initramfs" >/dev/null
	cpio -i --quiet --to-stdout init <"$work/initramfs" >"$1"
	chmod +x "$1"
}
