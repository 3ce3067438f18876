#!/bin/sh
# test.sh runs all tests: formatting, vet, the packages' own tests with the race
# detector, and the scenarios in virtual machines. It needs Go, and installs what else is
# missing on a Debian machine; that, Go's modules (four S3 programs and cosign are built from theirs,
# into ${XDG_CACHE_HOME:-$HOME/.cache}/bootrc/bin), four Debian kernels and what
# mkinitramfs.sh builds from, also for arm64, are all that it fetches.
#
#   ./test.sh            everything
#   ./test.sh NAME…      only these scenarios: test/scenarios/NAME.txtar
#   ./test.sh --long …   the same, with four times as many power cuts, and all faults of test/faults
#   ./test.sh --matrix   instead, Debian's generic kernels, with all of their modules, on the devices
#                        of real machines and on boards: test/matrix; or: ./test.sh --matrix NAME…
#   ./test.sh --netboot  instead, each firmware by each way of booting from the network: test/netboot; or:
#                        ./test.sh --netboot FIRMWARE-DHCP…, such as bios-full
#   ./test.sh --containers
#                        instead, each container of test/beside by podman and by bootrc, and programs that want much
#                        of a machine, in containers: test/containers; or: ./test.sh --containers NAME…
#   ./test.sh --media    instead, sticks, discs, files for UEFI and U-Boot, a release, a kernel's test and the start
#                        page's commands: test/media; or: ./test.sh --media NAME…
#   ./test.sh --mend     instead, broken machines that are mended from their shells: test/mend; or: ./test.sh --mend NAME…
#   ./test.sh --hangs    instead, machines on which something never ends: test/hangs; or: ./test.sh --hangs NAME…

set -eu
cd "$(dirname "$0")"

# A clone at another path finds in Go's cache what was compiled and tested.
export GOFLAGS=-trimpath

main() {
	cuts=12 tests=TestScenarios scripts=test/scenarios
	case ${1:-} in
	--long)
		cuts=50
		shift
		;;
	--matrix)
		tests=TestMatrix/.* scripts='test/matrix test/scenarios/hotplug.txtar'
		shift
		;;
	--containers)
		tests=TestContainers scripts=test/containers
		shift
		;;
	--media)
		tests=TestMedia scripts=test/media
		shift
		;;
	--mend)
		tests=TestMend scripts=test/mend
		shift
		;;
	--hangs)
		tests=TestHangs scripts=test/hangs
		shift
		;;
	--netboot)
		tests=TestNetboot
		shift
		;;
	esac
	for name; do
		# shellcheck disable=SC2086 # several words
		[ "$tests" = TestNetboot ] || [ -n "$(find $scripts -name "$name.txtar")" ] || {
			echo "test.sh: no scenario is named $name: there is no $name.txtar in $scripts" >&2
			exit 2
		}
	done
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	install
	lock_programs
	begin programs build_programs
	unlock_programs
	[ "$tests" != "TestMatrix/.*" ] || newer_qemu
	if [ "$tests" = TestNetboot ]; then
		begin netboot netboot -ways "${*:-all}"
	elif [ $# -gt 0 ]; then
		begin scenarios scenarios "^($(echo "$*" | tr ' ' '|'))\$"
	elif [ "$tests" != TestScenarios ]; then
		begin scenarios scenarios .
		[ "$tests" != TestContainers ] || begin beside beside
	else
		begin gofmt formatted
		begin vet go vet -tags seccomp ./...
		begin unit unit
		begin scenarios scenarios .
		begin netboot netboot
		[ "$cuts" = 12 ] || begin faults faults
	fi
	finish
}

# begin begins a stage, which runs beside the others: it shows its lines as they come, and keeps
# them, its status and its time for the end.
begin() {
	stages="${stages:-} $1"
	(
		name=$1
		shift
		begin=$(date +%s)
		set +e
		(
			set -e
			"$@"
		)
		echo $? >"$work/$name.status"
		echo "== $name: $(($(date +%s) - begin)) s, status $(cat "$work/$name.status")"
	) 2>&1 | tee "$work/$1.log" &
}

# finish waits for all stages, and shows again what failed, or else what passed: its
# last lines are the test runner's.
finish() {
	wait
	failed=
	for stage in $stages; do
		[ "$(cat "$work/$stage.status")" = 0 ] || failed="$failed $stage"
	done
	for stage in $failed; do
		echo "== $stage failed"
		grep -v -e '^ok' -e '^pass' -e '^?' "$work/$stage.log" || :
	done
	[ -z "$failed" ] || exit 1
	for stage in $stages; do
		grep '^ok' "$work/$stage.log" || :
	done
}

# install installs the packages that are missing.
install() {
	missing=
	for package in git gcc libc6-dev libseccomp-dev pkg-config cpio zstd xz-utils bzip2 kmod \
		busybox-static ca-certificates iproute2 qemu-system-x86 qemu-system-arm qemu-system-misc opensbi ipxe-qemu docker-registry \
		dnsmasq-base umoci skopeo podman runc catatonit iptables chrony tinyproxy-bin qemu-utils mtools ovmf qemu-efi-aarch64 u-boot-qemu \
		xorriso grub-common sbsigntool openssl u-boot-tools device-tree-compiler kbd console-data \
		e2fsprogs fdisk gdisk btrfs-progs dosfstools cryptsetup-bin genisoimage mount \
		nfs-ganesha-mem nfs-ganesha-vfs samba isc-dhcp-server; do
		installed "$package" || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	echo "== installing$missing"
	as_root apt-get -qq update
	# shellcheck disable=SC2086 # several words
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -qq -y --no-install-recommends install $missing >/dev/null
}

# lock_programs has tests that need one of these programs wait until they are built: the
# lock is passed on to the stage that builds them.
lock_programs() {
	bin=${XDG_CACHE_HOME:-$HOME/.cache}/bootrc/bin
	mkdir -p "$bin"
	exec 9<"$bin"
	flock 9
}

unlock_programs() { exec 9<&-; }

# build_programs builds the S3 servers, the S3 client and cosign, as far as they are not built yet.
build_programs() {
	for module in github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3 \
		github.com/minio/mc@v0.0.0-20250313080218-cf909e1063a9 \
		github.com/versity/versitygw/cmd/versitygw@v1.8.0 \
		github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c; do
		name=${module##*/}
		name=${name%@*}
		[ ! -x "$bin/$name" ] || continue
		echo "programs: building $name"
		CGO_ENABLED=0 GOBIN=$bin go install -ldflags=-w "$module"
	done
	s3/s3test/rclone/build.sh "$bin"
	unpack_nginx
}

# unpack_nginx takes nginx out of its package: installed, it would run as a service.
unpack_nginx() {
	[ ! -x "$bin/nginx" ] || return 0
	echo "programs: unpacking nginx"
	mkdir "$work/nginx"
	(
		cd "$work/nginx"
		apt-get -qq -o APT::Sandbox::User=root download nginx
		dpkg-deb -x nginx_*.deb .
		mv usr/sbin/nginx "$bin/nginx"
	)
}

# newer_qemu unpacks the QEMU of Debian's backports, which knows network cards that Debian's own
# does not, and makes it a command.
newer_qemu() {
	PATH=$PATH:$bin
	[ ! -x "$bin/qemu-backports" ] || return 0
	echo "== unpacking QEMU from Debian's backports"
	root=$bin/../qemu-backports
	mkdir -p "$root/lists/partial"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm-backports main" >"$root/sources.list"
	(
		cd "$root"
		set -- -qq -o "Dir::Etc::SourceList=$PWD/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State::lists=$PWD/lists"
		apt-get "$@" update
		apt-get "$@" download qemu-system-x86 qemu-system-data seabios
		for package in *.deb; do dpkg -x "$package" .; done
		rm -r ./*.deb lists
	)
	printf '#!/bin/sh\nexec "%s" -L "%s" -L "%s" "$@"\n' "$root/usr/bin/qemu-system-x86_64" "$root/usr/share/qemu" \
		"$root/usr/share/seabios" >"$work/qemu"
	chmod +x "$work/qemu"
	mv "$work/qemu" "$bin/qemu-backports"
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

# unit runs the packages' own tests: under the race detector those of packages that share data
# between goroutines. Those of the S3 programs, and of scripts in the shell and in dash, are not
# among these: the detector finds in the other packages of s3 and sh what it could find there.
unit() {
	status=0
	packages >"$work/packages"
	racing=$(sed -n 's/^race //p' "$work/packages")
	others=$(sed -n 's/^plain //p' "$work/packages")
	# shellcheck disable=SC2086 # several words
	{
		go test -race -vet=off -timeout 2h -tags seccomp -skip '^Test(Scenarios|Matrix|Hangs|Netboot|Containers|Media|Mend)$' $racing || status=1
		go test -vet=off -timeout 2h -tags seccomp $others || status=1
	}
	return $status
}

# packages lists the packages, each with how it is tested. Those in which nothing starts a
# goroutine, locks or serves have no race.
packages() {
	list=$(go list -tags seccomp -f '{{.ImportPath}} {{.Dir}}' ./...)
	echo "$list" | while read -r package folder; do
		kind=plain
		case $package in
		*/s3test | */conformance) ;;
		*) ! grep -qsE '^[[:space:]]*go [a-z]|"sync|/errgroup"|"net"|"net/http|[.]Parallel\(\)' "$folder"/*.go || kind=race ;;
		esac
		echo "$kind $package"
	done
}

# scenarios runs those that match, with a line for each. Each machine keeps one CPU busy,
# when it does not wait.
scenarios() {
	cd test
	go test -vet=off -count=1 -timeout 2h -parallel 3 -run "^$tests/$1" -args -cuts "$cuts"
}

# netboot boots machines from the network by their own firmware, with a line for each way: what was loaded, and when /init ran.
netboot() {
	cd test/netboot
	go test -vet=off -count=1 -timeout 2h -run '^TestNetboot$' -args "$@"
}

# beside runs each of its cases by podman and by bootrc.
beside() { go test -vet=off -count=1 -timeout 4h -tags seccomp ./test/beside -args -all; }

# faults has commands meet each fault of servers and disks, and 30 kills.
faults() { go test -vet=off -count=1 -timeout 2h -tags seccomp ./test/faults -args -full; }

main "$@"
