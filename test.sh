#!/bin/sh
# test.sh runs all tests: formatting, vet, the packages' own tests with the race
# detector, and the scenarios in virtual machines. It needs Go, and installs what else is
# missing on a Debian machine; that, Go's modules (three S3 programs are built from theirs,
# into ${XDG_CACHE_HOME:-$HOME/.cache}/bootrc/bin), three Debian kernels and what
# mkinitramfs.sh builds from, also for arm64, are all that it fetches.
#
#   ./test.sh            everything
#   ./test.sh NAME…      only these scenarios: test/scenarios/NAME.txtar

set -eu
cd "$(dirname "$0")"

main() {
	for name; do
		[ -e "test/scenarios/$name.txtar" ] || {
			echo "test.sh: no scenario is named $name: there is no test/scenarios/$name.txtar" >&2
			exit 2
		}
	done
	stage install install
	stage 'S3 programs' build_s3
	if [ $# -gt 0 ]; then
		scenarios "^($(echo "$*" | tr ' ' '|'))\$"
		return
	fi
	stage gofmt formatted
	stage vet go vet -tags seccomp ./...
	stage unit go test -race -timeout 20m -tags seccomp -skip '^TestScenarios$' ./...
	scenarios .
}

# stage runs a command under a heading, and says how long it took.
stage() {
	echo "== $1"
	shift
	begin=$(date +%s)
	"$@"
	echo "   $(($(date +%s) - begin)) s"
}

# install installs the packages that are missing.
install() {
	missing=
	for package in gcc libc6-dev libseccomp-dev pkg-config cpio zstd xz-utils kmod \
		busybox-static ca-certificates iproute2 qemu-system-x86 ipxe-qemu docker-registry \
		dnsmasq-base umoci skopeo chrony tinyproxy-bin qemu-utils kbd console-data \
		e2fsprogs gdisk btrfs-progs dosfstools cryptsetup-bin genisoimage mount \
		nfs-ganesha-mem samba; do
		installed "$package" || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	echo "   installing$missing"
	as_root apt-get -qq update
	# shellcheck disable=SC2086 # several words
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -qq -y --no-install-recommends install $missing >/dev/null
}

# build_s3 builds the S3 servers and the client that are not built yet.
build_s3() {
	bin=${XDG_CACHE_HOME:-$HOME/.cache}/bootrc/bin
	for module in github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c \
		github.com/minio/mc@v0.0.0-20250313080218-cf909e1063a9 \
		github.com/versity/versitygw/cmd/versitygw@v1.8.0; do
		name=${module##*/}
		[ -x "$bin/${name%@*}" ] || CGO_ENABLED=0 GOBIN=$bin go install "$module"
	done
}

installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# formatted fails, with their names, on files that gofmt would change.
formatted() {
	changed=$(gofmt -l .)
	[ -z "$changed" ] || {
		echo "gofmt would change:" >&2
		echo "$changed" >&2
		return 1
	}
}

# scenarios runs those that match, with a line for each; the runner's own lines are the
# last. A machine has two CPUs and keeps more than one of this machine's busy.
scenarios() {
	echo "== scenarios"
	cd test
	exec go test -count=1 -timeout 30m -parallel 2 -run "^TestScenarios\$/$1"
}

main "$@"
