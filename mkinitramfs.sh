#!/bin/sh
# mkinitramfs.sh builds the initramfs. With --boot, it then boots it in QEMU.
#
# It needs Go. What else is missing it installs, on Debian: a C compiler,
# libseccomp, cpio, the compressor, and QEMU for --boot. Downloads stay in
# ${XDG_CACHE_HOME:-$HOME/.cache}/bootrc; delete a folder there for a newer one.
#
# What one commit builds is the same each time, byte for byte: whatever the folder,
# the umask, the locale or the user. Files are from $SOURCE_DATE_EPOCH, or from 1970.
#
# --arch arm is ARMv7 with hardware floats, Debian's armhf.
#
# The ARGs after --boot go onto the kernel's command line. One with
# whitespace in it is put between double quotes, unless it has some of its own:
#
#   ./mkinitramfs.sh --boot b2c.pipefail b2c.run="-ti docker.io/library/alpine sh"
#   ./mkinitramfs.sh --boot 'b2c.run="-e \"A=b c\" docker.io/library/alpine env"'
#
# --modules adds all drivers in DIR, which is .../lib/modules/VERSION; each stays compressed
# until it is wanted. --kernel finds them beside a kernel: that of an installed VERSION, or
# Debian's newest package of it (6.12, 6.1.0-56-amd64), a package's file, or a folder with
# boot/ and lib/modules/; the kernel is put beside the initramfs as vmlinuz.linux_ARCH.
# --modules-for chooses fewer, with all that these need: those named, those for this
# machine, or those for the boards whose device trees --dtb names. What was packed stays
# in build/packed for the next time. --firmware adds the firmware that the drivers name,
# from a folder as /lib/firmware is; --microcode puts in front what DIR/intel-ucode and
# DIR/amd-ucode have for processors. --image adds an image, unpacked (docs/images.md).
#
# --usb and its like write, instead of an initramfs, what a machine starts from; --export, --serve and --try have machines
# start from the network; --release writes all that one would publish: media/media.sh explains them.
#
# With --boot and no b2c.run, a demo image is served on loopback, pulled and run. The machine
# has Debian's newest 6.12 kernel, or that of --kernel, two CPUs, 512 MiB, a network card with its driver,
# and this terminal as its console: ctrl-c goes to the machine, ctrl-a x ends it. The
# script's exit status is the pipeline's, or 123 when the machine ended without one.
#
# Before the ARGs, --boot has options of its own, for people who test kernels: docs/kernel-testing.md.
#
#   ./mkinitramfs.sh --boot --kernel bzImage --image oci:DIR --workdir . --no-network --timeout 5m -- ./test.sh

set -eu
export LC_ALL=C
umask 022

usage='usage: ./mkinitramfs.sh [-o FILE] [--arch amd64|arm64|arm|riscv64] [--compress zstd|xz|gzip|none]
                        [--kernel VERSION|FILE.deb|DIR] [--modules DIR] [--modules-for NAME,NAME...|host|dtb]
                        [--dtb FILE|DIR] [--firmware DIR] [--microcode DIR]
                        [--hook FILE]... [--file SRC:DEST]... [--image IMAGE]...
                        [--export DIR] [--serve [DIR]] [--interface NAME] [--dhcp proxy|full|none] [--port PORT]
                        [--try [FIRMWARE]] [--boot [OPTION...] [ARG...] [-- COMMAND...]]
                        [[--any-disk] --usb FILE|DEVICE [ARG...]] [--iso FILE [ARG...]]
                        [[--sign KEY:CERT] --uki FILE [ARG...]] [--fit FILE [ARG...]]
                        [--uimage FILE [ARG...]] [--rpi DIR [ARG...]] [--release DIR [ARG...]]
./mkinitramfs.sh --boot --help explains the OPTIONs of --boot.'

main() {
	begin "$@"
	. "$here/media/media.sh"
	. "$here/rootfs/e2fsprogs.sh"
	! is_release "$@" || exit 0
	while [ $# -gt 0 ] && ! is_purpose "$1"; do
		taken=2
		option "$@"
		shift "$taken"
	done
	[ $# -eq 0 ] || purpose=${1#--}
	case $purpose in
	'') ;;
	boot) look_at_boot "$@" ;;
	*) take_target "$@" ;;
	esac
	settings
	require_go
	[ "$netboot" != serve ] || serve -check
	find_kernel
	need_for_build
	need_for_media
	[ "$purpose" != boot ] || need_qemu
	install_missing
	[ "$purpose" != boot ] || check_boot "$@"
	made=$here/build/made/$(making)
	[ "$purpose" = boot ] && is_made || make_initramfs
	[ -z "$netboot" ] || netboot
	case $purpose in
	'') ;;
	boot) boot "$@" ;;
	*)
		shift 2
		$medium "$@"
		;;
	esac
}

# is_purpose tells whether a word says what the initramfs is for: what follows belongs to that.
is_purpose() {
	case $1 in
	--boot | --usb | --iso | --uki | --fit | --uimage | --rpi | --release) ;;
	*) return 1 ;;
	esac
}

say() { echo "mkinitramfs.sh: $*" >&2; }

fail() {
	say "$*"
	exit 1
}

# refuse ends a wrong call.
refuse() {
	say "$*"
	echo "$usage" >&2
	exit 2
}

begin() {
	here=$(cd "$(dirname "$0")" && pwd)
	cache=${XDG_CACHE_HOME:-$HOME/.cache}/bootrc
	work=$(mktemp -d)
	terminal=$(stty -g 2>/dev/null) || terminal=
	machine='' # what runs beside this script, while it does
	untested=''
	case " $* " in
	*' --boot '*) untested=1 ;; # git-bisect(1): until there is a machine, a failure is no kernel's
	esac
	trap clean_up EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	mkdir "$work/tree" "$work/hooks" "$work/files"
	out='' arch='' compress=zstd missing='' version='' purpose='' medium='' any_disk='' sign=''
	kernel='' modules='' modules_for='' dtb='' firmware='' microcode='' packed=''
	netboot='' tree='' interface='' dhcp='' port='' try='' taken=''
	boot_help='' hooks_apart='' images=''
}

clean_up() {
	status=$?
	[ -z "$machine" ] || ! kill "$machine" 2>/dev/null || wait "$machine" 2>/dev/null || :
	[ -z "$terminal" ] || stty "$terminal" 2>/dev/null || :
	rm -rf "$work"
	[ -z "$untested" ] || [ $status -eq 0 ] || [ $status -gt 125 ] || exit 125
}

## Options

option() {
	case $1 in
	-h | --help)
		echo "$usage"
		exit
		;;
	-o | --arch | --compress | --kernel | --modules | --modules-for | --dtb | --firmware | --microcode | --hook | --file | --sign) ;;
	--image | --export | --interface | --dhcp | --port) ;;
	--serve | --try)
		take_optional "$@"
		return
		;;
	--any-disk)
		any_disk=-any-disk taken=1
		return
		;;
	*) refuse "$1: unknown option" ;;
	esac
	[ $# -ge 2 ] || refuse "$1: its argument is missing"
	case $1 in
	-o) out=$2 ;;
	--hook) take_hook "$2" ;;
	--file) take_file "$2" ;;
	--image) images="$images $2" ;;
	--export) take_netboot export "$2" ;;
	*) eval "$(echo "${1#--}" | tr - _)=\$2" ;;
	esac
}

# take_optional takes an option whose value may be left out.
take_optional() {
	case ${2:--} in
	-*) taken=1 value='' ;;
	*) value=$2 ;;
	esac
	case $1 in
	--serve) take_netboot serve "$value" ;;
	--try) try=${value:-usual} ;;
	esac
}

# look_at_boot takes from --boot's own options what matters before there is its program: the initramfs is for the
# machine's architecture.
look_at_boot() {
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		case $1 in
		-h | --help) boot_help=1 ;;
		--arch) arch=${2:-} ;;
		--arch=*) arch=${1#*=} ;;
		esac
		shift
	done
}

# take_hook keeps a hook for build_tree. Its name says when it runs.
take_hook() {
	name=$(basename "$1")
	case $name in
	*[!0-9A-Za-z_.-]*) fail "--hook $1: only letters, digits, '_', '.' and '-' can be in a hook's name" ;;
	[0-9][0-9]-?*.sh) ;;
	*) fail "--hook $1: a hook is named NN-name.sh, such as 35-wifi.sh" ;;
	esac
	[ -f "$1" ] || fail "--hook $1: no such file"
	cp "$1" "$work/hooks/$name"
}

# take_file keeps a file or folder for build_tree, under its place in the machine.
take_file() {
	source=${1%:*} place=${1##*:}
	case $1 in
	?*:/*) ;;
	*) fail "--file $1: not SRC:DEST, with DEST a path in the machine, such as job.env:/user/job.env" ;;
	esac
	case $place/ in
	*/../*) fail "--file $1: '..' cannot be in DEST" ;;
	esac
	[ -e "$source" ] || fail "--file $1: no such file or folder: $source"
	if [ -d "$source" ]; then
		mkdir -p "$work/files$place"
		cp -RHp "$source/." "$work/files$place/"
	else
		case $place in
		*/) place=$place$(basename "$source") ;;
		esac
		mkdir -p "$work/files$(dirname "$place")"
		cp -RHp "$source" "$work/files$place"
	fi
}

# settings checks the options, and derives from them what the build needs to know.
settings() {
	case $(uname -m) in
	x86_64) host=amd64 ;;
	aarch64) host=arm64 ;;
	*) fail "this machine is an $(uname -m): initramfs are built on amd64 or arm64" ;;
	esac
	[ -z "$try" ] || settle_try
	arch=${arch:-$host}
	debian_arch=$arch kernels=$arch series=6.12
	case $arch in
	amd64) triplet=x86_64-linux-gnu musl=x86_64-linux-musl ;;
	arm64) triplet=aarch64-linux-gnu musl=aarch64-linux-musl ;;
	arm) triplet=arm-linux-gnueabihf musl=arm-linux-musleabihf debian_arch=armhf kernels=armmp series=6.1 ;;
	riscv64) triplet=riscv64-linux-gnu musl=riscv64-linux-musl ;;
	*) refuse "--arch $arch: unknown architecture" ;;
	esac
	case $compress in
	zstd) extension=.zst ;;
	xz) extension=.xz ;;
	gzip) extension=.gz ;;
	none) extension='' ;;
	*) refuse "--compress $compress: unknown compression" ;;
	esac
	[ -z "$microcode" ] || [ "$arch" = amd64 ] || refuse "--microcode $microcode: it is for processors of amd64"
	check_media
	for option in modules firmware microcode; do
		eval "folder=\$$option"
		[ -n "$folder" ] || continue
		[ -d "$folder" ] || fail "--$option $folder: no such folder"
		eval "$option=\$(cd \"\$folder\" && pwd)"
	done
	if [ -n "$dtb" ]; then
		[ -e "$dtb" ] || fail "--dtb $dtb: no such file or folder"
		dtb=$(realpath "$dtb")
		modules_for=${modules_for:-dtb}
	fi
	[ "$modules_for" != dtb ] || [ -n "$dtb" ] || refuse '--modules-for dtb: which device trees? give --dtb FILE|DIR'
	[ -z "$modules_for$firmware" ] || [ -n "$modules$kernel" ] ||
		refuse "--${modules_for:+modules-for}${firmware:+firmware}: of which modules? give --kernel or --modules"
	out=${out:-$here/build/initramfs.linux_$arch.cpio$extension}
	[ ! -d "$out" ] || fail "-o $out: is a folder"
}

## The kernel

# find_kernel finds what --kernel means: the image, and the modules that belong to it.
find_kernel() {
	[ -n "$kernel" ] || return 0
	named=$kernel
	case $kernel in
	*.deb)
		[ -f "$kernel" ] || fail "--kernel $kernel: no such file"
		is_for=$(dpkg-deb -f "$kernel" Architecture) || fail "--kernel $kernel: is no Debian package"
		[ "$is_for" = "$debian_arch" ] || fail "--kernel $kernel: is for $is_for, not for $debian_arch"
		kernel=$cache/$(basename "$kernel" .deb)-$(sha256sum <"$kernel" | cut -c 1-8)
		[ -d "$kernel" ] || unpack_files "$kernel" "$named"
		;;
	*)
		if [ -d "$kernel" ]; then
			kernel=$(cd "$kernel" && pwd)
		elif [ "$arch" = "$host" ] && [ -e "/boot/vmlinuz-$kernel" ]; then
			version=$kernel kernel=/
		else
			fetch_kernel "$kernel"
		fi
		;;
	esac
	look_into_kernel
	[ -e "$vmlinuz" ] || fail "--kernel $named: there is no boot/vmlinuz-* or vmlinux-* in it"
	for folder in "$kernel/lib/modules/$version" "$kernel/usr/lib/modules/$version"; do
		[ -n "$modules" ] || [ ! -d "$folder" ] || modules=$folder
	done
	[ -n "$modules" ] || fail "--kernel $named: there is no lib/modules/$version in it"
}

# look_into_kernel sets vmlinuz and version for an unpacked kernel: the newest in it,
# unless one is named.
look_into_kernel() {
	vmlinuz=$(printf '%s\n' "$kernel"/boot/vmlinu[xz]-${version:-*} | sort -V | tail -n 1)
	version=${vmlinuz##*/vmlinu?-}
}

# fetch_kernel fetches Debian's package of a VERSION: the one of that name, or else the
# newest whose version begins so.
fetch_kernel() {
	update_lists 'the kernel'
	package=$(debian apt-cache pkgnames linux-image- | kernel_packages "$1" | sort -V | tail -n 1)
	[ -n "$package" ] || fail "apt knows no package linux-image-$1* for $arch"
	kernel=$cache/$package
	[ -d "$kernel" ] || unpack "$kernel" "$package"
}

# kernel_packages picks from names of packages: VERSION may end in -cloud, for the kernel
# for virtual machines, or be the whole of what stands behind linux-image-.
kernel_packages() {
	flavour=''
	case $1 in
	*-cloud) flavour=-cloud ;;
	esac
	begin=$(echo "${1%-cloud}" | sed 's/[.+]/\\&/g')
	grep -E "^linux-image-$begin(|([.-][0-9]([0-9.-]*[0-9])?)?(\+deb[0-9]+)?$flavour-$kernels)\$" |
		grep -E '^linux-image-[0-9]+\.[0-9]+[.-][0-9]'
}

## What must be installed

require_go() {
	wanted=$(sed -n 's/^go //p' "$here/go.mod")
	command -v go >/dev/null || fail "Go is missing: install Go $wanted or newer, see https://go.dev/dl"
	have=$(cd "$here" && go env GOVERSION | sed 's/^go//; s/ .*//')
	oldest=$(printf '%s\n' "$wanted" "$have" | sort -V | head -n 1)
	[ "$oldest" = "$wanted" ] || fail "Go${have:+ $have} is too old: install Go $wanted or newer, see https://go.dev/dl"
}

# need notes a package for install_missing, if its command is missing.
need() {
	command -v "$1" >/dev/null || missing="$missing $2"
}

# need_file does so, if a file is missing.
need_file() {
	[ -e "$1" ] || missing="$missing $2"
}

# need_library does so, if the C compiler lacks a library.
need_library() {
	need_file "$("$cc" -print-file-name="$1" 2>/dev/null)" "$2"
}

need_for_build() {
	need cpio cpio
	[ "$compress" = none ] || [ "$compress" = xz ] || need "$compress" "$compress"
	[ "$compress" != xz ] && [ -z "$modules" ] || need xz xz-utils
	need pkg-config pkg-config
	need dpkg-source dpkg-dev # with it, make
	# Go fetches modules over https
	[ -n "$(ls /etc/ssl/certs 2>/dev/null)" ] || missing="$missing ca-certificates"
	if [ "$arch" = "$host" ]; then
		cc=gcc
		need gcc gcc
		need_library libc.a libc6-dev
		need_library libseccomp.a libseccomp-dev
	else
		cc=$triplet-gcc
		need "$cc" "gcc-$(echo "$triplet" | tr _ -)"
		need_library libc.a "libc6-dev-$debian_arch-cross"
		need gcc gcc # e2fsprogs' build runs programs of its own
		need_file /usr/include/stdlib.h libc6-dev
	fi
}

# need_qemu does so for a machine of $arch.
need_qemu() {
	case $arch in
	amd64) need qemu-system-x86_64 qemu-system-x86 ;;
	arm64) need qemu-system-aarch64 qemu-system-arm ;;
	arm) need qemu-system-arm qemu-system-arm ;;
	riscv64)
		need qemu-system-riscv64 qemu-system-misc
		need_file /usr/share/qemu/opensbi-riscv64-generic-fw_dynamic.bin opensbi
		;;
	esac
}

install_missing() {
	[ -n "$missing" ] || return 0
	command -v apt-get >/dev/null || fail "missing, by Debian's names:$missing"
	say "installing$missing"
	as_root apt-get -qq update || :
	# shellcheck disable=SC2086 # several words
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -qq -y --no-install-recommends install $missing >/dev/null
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		fail "root must run: $*"
	fi
}

## Debian packages that are unpacked in the cache, not installed

# debian runs one of apt's programs for $arch, with package lists of its own: it needs
# no root, and leaves the packages of this system as they are.
debian() {
	program=$1
	shift
	"$program" -qq -o "APT::Architecture=$debian_arch" -o "APT::Architectures=$debian_arch" \
		-o "Dir::State=$lists" -o Dir::State::status=/dev/null -o "Dir::Cache=$lists" \
		-o APT::Sandbox::User= -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$lists/sources" "$@"
}

# once runs what makes a folder of the cache, if nobody has. Who comes meanwhile waits: apt
# serves one at a time.
once() (
	[ ! -d "$1" ] || return 0
	mkdir -p "$cache"
	exec 9<"$cache"
	flock 9 || fail "cannot lock $cache"
	[ -d "$1" ] || "$2"
)

update_lists() {
	command -v apt-get >/dev/null || fail "$1 comes from Debian's archive, which needs apt-get"
	lists=$cache/apt-$arch
	mkdir -p "$lists/lists/partial" "$lists/archives/partial" "$lists/sources"
	newer=''
	[ "$arch" != riscv64 ] || newer='s/bookworm/trixie/g' # Debian 12 has no riscv64
	copy_sources "$lists/sources" "$newer"
	say "fetching the package lists for $arch"
	debian apt-get update || :
}

# copy_sources copies what apt has of archives, changed by sed.
copy_sources() {
	for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
		[ ! -f "$list" ] || sed "$2" "$list" >"$1/${list##*/}"
	done
}

# unpack fetches packages, and unpacks them to a folder in the cache.
unpack() {
	folder=$1
	shift
	mkdir "$work/packages"
	for package; do
		say "fetching $package for $arch"
		(cd "$work/packages" && debian apt-get download "$package") ||
			fail "cannot fetch $package for $arch from Debian's archive"
	done
	unpack_files "$folder" "$work/packages"/*.deb
	rm -r "$work/packages"
}

# unpack_files unpacks packages' files to a folder in the cache, which is whole or not there.
unpack_files() {
	folder=$1
	shift
	new=$cache/.new-$$
	mkdir -p "$cache"
	for file; do
		dpkg-deb -x "$file" "$new" || fail "$file: is no Debian package"
		dpkg-deb -W --showformat='${Package}=${Version}\n' "$file" >>"$new/.versions"
	done
	mv -T "$new" "$folder" || rm -r "$new"
}

## The initramfs

make_initramfs() {
	build_tree
	write_archive
	[ -z "$medium" ] || return 0
	mkdir -p "${made%/*}"
	find "${made%/*}" -mindepth 1 -mtime +14 -delete
	rm -f "$made"
	[ -n "$modules$microcode$images" ] || stat -c '%s %Y' "$out" >"$made"
}

# is_made tells whether the initramfs is there already, from the same sources: --boot, which may be called
# for each kernel of a bisection, then takes it.
is_made() {
	[ -z "$modules$microcode$images" ] && [ -e "$out" ] && [ "$(cat "$made" 2>/dev/null)" = "$(stat -c '%s %Y' "$out")" ]
}

# making prints a name for what is made with these options.
making() (
	cd "$here"
	{
		echo "$arch $compress $out ${SOURCE_DATE_EPOCH:-0}"
		go env GOVERSION
		# all rooms but those of which nothing is in it
		find . '(' -path ./build -o -path ./.git -o -path ./docs -o -path ./media -o -path ./test -o -path ./bench ')' -prune -o \
			'(' -type f -o -type l ')' -printf '%p %m %s %T@ %l\n' | sort
		cd "$work" && find hooks files -printf '%p %y %m %l\n' | sort
		find hooks files -type f -exec sha256sum {} + | sort
	} | sha256sum | cut -c 1-16
)

build_tree() {
	build_binary
	check_hooks
	add_e2fsprogs
	add_links
	add_static_files
	[ -z "$modules" ] || add_modules
	chmod -R u=rwX,go=rX "$work/tree"
	chmod 755 "$work/tree/hooks"/*
	cp -RHp "$work/files/." "$work/tree/"
	chmod 755 "$work/tree"
	chmod 1777 "$work/tree/tmp"
	chmod 700 "$work/tree/root"
}

# build_binary builds without inlining, which makes the archive 0.7 MiB smaller, but for what
# has hot loops: the shell, decompressors, and of the standard library the runtime, ciphers,
# texts and archives.
build_binary() (
	cd "$here"
	[ "$arch" = "$host" ] || find_libseccomp
	set -- -gcflags=all=-l
	for package in runtime/... internal/... sync/... syscall context bytes strings strconv unicode/... bufio io \
		slices maps cmp sort math/... regexp/... encoding/binary hash/... crypto/... vendor/golang.org/x/crypto/... \
		compress/... archive/tar github.com/klauspost/compress/... bootrc/kit/gunzip bootrc/sh/run bootrc/sh/word bootrc/sh/arith bootrc/sh/pattern; do
		set -- "$@" "-gcflags=$package="
	done
	CC=$cc CGO_ENABLED=1 CGO_CFLAGS=-O2 GOOS=linux GOARCH=$arch GOAMD64=v1 GOARM64=v8.0 GOARM=7 \
		go build -trimpath -buildvcs=false -tags 'netgo osusergo seccomp' "$@" \
		-ldflags '-s -w -buildid= -linkmode external -extldflags "-static -Wl,--build-id=none"' \
		-o "$work/tree/init" ./init
)

# check_hooks has the shell that will run the hooks of --hook read them. One for another
# architecture cannot run here; this machine's own knows the same language.
check_hooks() {
	for hook in "$work/hooks"/*; do
		[ -e "$hook" ] || continue
		name=${hook##*/}
		set -- "$work/tree/init" sh
		[ "$arch" = "$host" ] || set -- sh
		(cd "$work/hooks" && "$@" -n "$name") || fail "--hook $name: it is no shell script"
	done
}

# find_libseccomp has cgo find libseccomp for another architecture than this one's.
find_libseccomp() {
	sysroot=$cache/libseccomp-$arch
	once "$sysroot" fetch_libseccomp
	export PKG_CONFIG_SYSROOT_DIR="$sysroot"
	export PKG_CONFIG_LIBDIR="$sysroot/usr/lib/$triplet/pkgconfig"
}

fetch_libseccomp() {
	update_lists libseccomp-dev
	unpack "$sysroot" libseccomp-dev
}

# add_e2fsprogs adds the two programs that make and repair the cache's filesystem.
add_e2fsprogs() {
	programs=$cache/e2fsprogs-$arch
	once "$programs" build_e2fsprogs
	mkdir "$work/tree/sbin"
	cp "$programs/e2fsck" "$programs/mke2fs" "$work/tree/sbin/"
}

# add_links makes the names under which others look for what is here: a script for sh,
# and old jobs for /storage. The kernel's /sbin/modprobe is the work of a hook: were it
# here, the kernel would start it two dozen times before /init, once for each cipher.
add_links() (
	cd "$work/tree"
	mkdir bin dev proc sys run tmp root storage
	ln -s /init bin/sh
	ln -s storage container
)

add_static_files() (
	cd "$here"
	go run ./init/cmdline/reference -check docs/kernel-arguments.md
	cp -R rootfs/files/. "$work/tree/"
	mkdir -p "$work/tree/etc/ssl/certs" "$work/tree/etc/bootrc/cmdline.d" "$work/tree/hooks"
	go run ./rootfs/cacerts >"$work/tree/etc/ssl/certs/ca-certificates.crt"
	cp hooks/*.sh "$work/tree/hooks/"
	[ -n "$hooks_apart" ] || cp -R "$work/hooks/." "$work/tree/hooks/"
)

# add_modules adds the chosen modules and their firmware, from build/packed if they were
# packed before: in the parts that kmod/pack/parts.go describes.
add_modules() {
	case $modules_for in
	'') set -- ;;
	host) set -- -host ;;
	dtb) set -- -dtb "$dtb" ;;
	*) set -- -only "$modules_for" ;;
	esac
	[ -z "$firmware" ] || set -- "$@" -firmware "$firmware"
	key=$(packing "$@")
	packed=$here/build/packed/$key
	if [ -d "$packed" ]; then
		touch "$packed"
	else
		pack_anew "$@"
	fi
	cat "$packed/report" >&2
	[ -n "$medium" ] || cp -R "$packed/tree/." "$work/tree/"
}

# packing prints a name for what comes out of packing with these options.
packing() (
	cd "$here"
	{
		echo "$modules" "$@"
		[ "$modules_for" != host ] || cat /sys/bus/*/devices/*/modalias 2>/dev/null | sort -u
		find "$modules" ${firmware:+"$firmware"} ${dtb:+"$dtb"} -type f -printf '%p %s %T@\n' | sort
		cat kmod/compression.go kmod/later.go kmod/name.go kmod/index/*.go kmod/pack/*.go
	} | sha256sum | cut -c 1-16
)

pack_anew() {
	say "packing $modules"
	new=$here/build/packed/.new-$$
	mkdir -p "$new"
	find "$here/build/packed" -mindepth 1 -maxdepth 1 -mtime +14 -exec rm -r {} +
	(cd "$here" && go run ./kmod/pack "$@" -parts -o "$new" "$modules") >"$new/report" || {
		rm -r "$new"
		fail "cannot pack $modules"
	}
	mv -T "$new" "$packed" || rm -r "$new"
}

## The archive

# write_archive writes the archives that follow each other: the processor's microcode, as
# it is; the tree; modules that are compressed already, the most needed first, with the firmware
# between. A machine with little memory cuts off what comes last (rootfs/room.go). On a medium,
# what belongs to the kernel is a file of its own.
write_archive() {
	part=$work/initramfs.cpio$extension
	[ -z "$microcode" ] || front_archive >"$part"
	add_compressed "$work/tree"
	[ -z "$images" ] || add_images
	if [ -n "$packed" ]; then
		[ -z "$medium" ] || part=$work/drivers
		[ -z "$medium" ] || add_compressed "$packed/tree"
		add_stored "$packed/devices"
		add_stored "$packed/filesystems"
		add_compressed "$packed/more"
		add_stored "$packed/others"
		add_stored "$packed/comforts"
	fi
	[ -n "$medium" ] || place_archive
}

place_archive() {
	mkdir -p "$(dirname "$out")"
	[ -z "$kernel" ] || cp "$vmlinuz" "$(dirname "$out")/vmlinuz.linux_$arch"
	mv "$part" "$out"
	wc -c "$out" | awk '{ printf "%s: %.2f MiB\n", substr($0, index($0, $2)), $1 / 1048576 }'
}

# add_compressed adds a folder as a compressed archive, if it is there.
add_compressed() {
	[ -d "$1" ] || return 0
	archive "$1" >"$work/cpio"
	compress "$work/cpio" >>"$part"
	align "$part"
	rm "$work/cpio"
}

# add_images adds an archive of images, as a store that is unpacked: with owners, devices and times, for
# which it takes root.
add_images() {
	(cd "$here" && go build -o "$work/images" ./media/images)
	# shellcheck disable=SC2086 # several words
	as_root env HOME="$HOME" "$work/images" -arch "$arch" "$work/store/images" $images
	as_root sh -c 'cd "$1" && find . -print0 | sort -z |
		cpio --create --null --format=newc --reproducible --quiet' sh "$work/store" >"$work/cpio"
	compress "$work/cpio" >>"$part"
	align "$part"
	as_root rm -r "$work/cpio" "$work/store"
}

# add_stored adds one as it is.
add_stored() {
	[ ! -d "$1" ] || archive "$1" >>"$part"
}

# front_archive writes the microcode where the kernel looks for it before it unpacks
# anything (Documentation/arch/x86/microcode.rst).
front_archive() (
	place=$work/microcode/kernel/x86/microcode
	mkdir -p "$place"
	for pair in intel-ucode:GenuineIntel amd-ucode:AuthenticAMD; do
		find "$microcode/${pair%:*}" -type f ! -name '*.asc' ! -name 'README*' 2>/dev/null | sort |
			xargs -r -d '\n' cat >"$place/${pair#*:}.bin"
		[ -s "$place/${pair#*:}.bin" ] || rm "$place/${pair#*:}.bin"
	done
	[ -n "$(ls "$place")" ] || fail "--microcode $microcode: there is no intel-ucode or amd-ucode in it"
	archive "$work/microcode"
)

# archive writes a tree as an archive that says nothing of who made it, when and where.
archive() (
	cd "$1"
	find . -exec touch -h -d "@${SOURCE_DATE_EPOCH:-0}" {} +
	find . -print0 | sort -z |
		cpio --create --null --format=newc --owner=0:0 --reproducible --quiet
)

# compress does so in a form that the kernel reads, in little memory.
compress() {
	case $compress in
	zstd) zstd -q -19 -T0 -c "$1" ;;
	xz) xz -T1 -6e --check=crc32 -c "$1" ;;
	gzip) gzip -9nc "$1" ;;
	none) cat "$1" ;;
	esac
}

# align fills an archive up to a multiple of four, as a second archive behind it needs.
# An empty frame of zstd is nine bytes; the others may be followed by zeros.
align() {
	case $compress in
	zstd)
		while [ $(($(wc -c <"$1") % 4)) -ne 0 ]; do
			zstd -q --no-check </dev/null >>"$1"
		done
		;;
	*) truncate -s %4 "$1" ;;
	esac
}

## The machine

# check_boot makes --boot's program, media/boot, and has it refuse a wrong call before anything else is made.
check_boot() {
	shift
	(cd "$here" && go build -o "$work/boot" ./media/boot)
	if [ -n "$boot_help" ]; then
		"$work/boot" --help
		exit
	fi
	"$work/boot" --check "$@"
}

# boot runs the machine beside the script, so that a signal to the script ends both.
boot() {
	shift
	[ -z "$kernel" ] || set -- --kernel "$vmlinuz" --modules "$modules" "$@"
	exec 3<&0
	untested=
	"$work/boot" --project "$here" --arch "$arch" --packed "$work/tree/lib/modules" --initramfs "$out" "$@" <&3 &
	machine=$!
	status=0
	wait "$machine" || status=$?
	machine=
	exit $status
}

main "$@"
