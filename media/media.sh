#!/bin/sh
# What mkinitramfs.sh makes of an initramfs: a medium that machines start from, or what they boot from the
# network. mkinitramfs.sh reads it, and has the variables and functions that it uses.
#
# --export puts what machines boot from the network into DIR, which any server of HTTP or TFTP can
# serve; --serve, with build/netboot as its DIR, serves it, too: docs/netboot.md. DIR/arguments/default has
# the kernel arguments. --try boots a machine in QEMU from it, on a network of their own, by its firmware:
# bios, uefi, http, arm64 or arm64-http. Without --kernel, the kernel is Debian's newest 6.12.
#
# --usb and its like come last, too, with a TARGET and ARGs: instead of an initramfs, they write what a
# machine starts from, with the kernel of --kernel, or Debian's newest 6.12 (docs/media.md):
#
#   ./mkinitramfs.sh --usb /dev/sdX b2c.run=docker://docker.io/library/hello-world    a stick, or its image
#   ./mkinitramfs.sh --iso boot.iso ...      a disc, as BMCs show them
#   ./mkinitramfs.sh --uki boot.efi ...      one file for UEFI, which --sign KEY:CERT signs
#   ./mkinitramfs.sh --fit boot.itb ...      one for U-Boot; with --uimage, the initramfs alone
#   ./mkinitramfs.sh --rpi DIR ...           the files of a Raspberry Pi's first partition
#
# --release DIR writes what one would publish, for amd64 and arm64 or the --arch that is said:
# archives, kernel, stick, disc, an image for UEFI, what they are made of (SPDX), and SHA256SUMS.
# shellcheck disable=SC2154 # they are set there

## Options

# is_release runs mkinitramfs.sh for each architecture, if there is to be a release, and none is said.
is_release() {
	word=''
	for word; do
		[ "$word" != --arch ] || return 1
		! is_purpose "$word" || break
	done
	[ "$word" = --release ] || return 1
	for each in amd64 arm64; do
		"$here/mkinitramfs.sh" --arch "$each" "$@" || exit
	done
}

# take_netboot takes what shall become of the tree that machines boot from, and its folder.
take_netboot() {
	[ "${netboot:-$1}" = "$1" ] || refuse "--$netboot and --$1: one of them"
	netboot=$1 tree=${2:-$tree}
}

# take_target takes where a medium goes.
take_target() {
	medium=write_medium
	[ "$1" != --release ] || medium=release
	[ $# -ge 2 ] || refuse "$1: its target is missing"
	[ -z "$out" ] || refuse "-o $out: with $1, there is no other file than $2"
	target=$(realpath -m "$2")
}

# settle_try takes from --try's firmware which architecture everything is for.
settle_try() {
	[ "$try" != usual ] || [ "${arch:-$host}" != arm64 ] || try=arm64
	[ "$try" != usual ] || try=bios
	case $try in
	bios | uefi | http) tried=amd64 ;;
	arm64 | arm64-http) tried=arm64 ;;
	*) refuse "--try $try: there are bios, uefi, http, arm64 and arm64-http" ;;
	esac
	[ "${arch:-$tried}" = "$tried" ] || refuse "--try $try: that is no firmware of $arch"
	arch=$tried netboot=try
}

# check_media refuses what makes no sense together, and has a kernel for what carries one.
check_media() {
	[ -z "$interface$dhcp$port" ] || [ "$netboot" = serve ] || refuse '--interface, --dhcp and --port are of --serve'
	case $dhcp in
	'' | proxy | full | none) ;;
	*) refuse "--dhcp $dhcp: there are proxy, full and none" ;;
	esac
	case $port in
	*[!0-9]*) refuse "--port $port: is no number" ;;
	esac
	[ -z "$any_disk" ] || [ "$purpose" = usb ] || refuse '--any-disk is of --usb'
	[ -z "$sign" ] || check_sign
	[ -z "$netboot" ] || [ -z "$purpose" ] || refuse "--$netboot and --$purpose: one of them"
	[ -n "$medium$netboot" ] || return 0
	case ${netboot:-$purpose}-$arch in
	rpi-arm64) ;;
	rpi-*) refuse '--rpi: a Raspberry Pi is an arm64: say --arch arm64' ;;
	fit-* | uimage-* | *-amd64 | *-arm64) ;;
	*) refuse "--${netboot:-$purpose}: there are amd64 and arm64, not $arch" ;;
	esac
	[ -n "$kernel" ] || [ -z "$modules" ] ||
		refuse "--modules $modules: with --${netboot:-$purpose}, give --kernel instead: it brings its modules"
	kernel=${kernel:-$series}
	case $purpose in
	usb | iso) hooks_apart=1 ;; # a person finds them in a folder of the medium
	esac
	[ -z "$netboot" ] || make_tree
}

check_sign() {
	case $purpose in
	uki | release) ;;
	*) refuse '--sign is of --uki and --release' ;;
	esac
	for file in "${sign%%:*}" "${sign#*:}"; do
		[ "$file" != "$sign" ] || refuse "--sign $sign: not KEY:CERT"
		[ -f "$file" ] || fail "--sign $sign: no such file: $file"
	done
}

# make_tree makes the folder for netboot, if it is not there.
make_tree() {
	tree=${tree:-$here/build/netboot}
	why=$(mkdir -p "$tree" 2>&1) || fail "--$netboot $tree: cannot be made: ${why##*: }"
	[ -w "$tree" ] || fail "--$netboot $tree: cannot be written to"
	tree=$(cd "$tree" && pwd)
}

need_for_media() {
	case $purpose in
	usb | iso | release)
		need mformat mtools
		[ "$arch" != amd64 ] || need grub-mkimage grub-common
		;;
	fit | uimage) need mkimage u-boot-tools ;;
	esac
	case $purpose in
	iso | release) need xorriso xorriso ;;
	fit) need dtc device-tree-compiler ;;
	esac
	[ -z "$sign" ] || need sbsign sbsigntool
	case $try in
	'') return ;;
	bios) need_file /usr/lib/ipxe/qemu/pxe-virtio.rom ipxe-qemu ;;
	arm64*) need_file /usr/share/AAVMF/AAVMF_CODE.fd qemu-efi-aarch64 ;;
	*) need_file /usr/share/OVMF/OVMF_CODE_4M.fd ovmf ;;
	esac
	need_qemu
}

## Media

# write_medium writes it; to a stick, as root.
write_medium() {
	case $purpose in
	usb | iso)
		loaders=$cache/loaders-$arch
		once "$loaders" fetch_loaders
		# shellcheck disable=SC2086 # nothing, or a word
		set -- -loaders "$loaders" -hooks "$work/hooks" $any_disk "$purpose" "$target" "$@"
		;;
	uki)
		stubs=$cache/systemd-boot-efi-$arch
		once "$stubs" fetch_stubs
		set -- -stubs "$stubs/usr/lib/systemd/boot/efi" "$purpose" "$target" "$@"
		[ -z "$sign" ] || set -- -key "$(realpath "${sign%%:*}")" -cert "$(realpath "${sign#*:}")" "$@"
		;;
	*) set -- "$purpose" "$target" "$@" ;;
	esac
	case $purpose in
	uki | fit) trees=$dtb ;;
	rpi) trees=${dtb:-$kernel/usr/lib/linux-image-$version/broadcom} ;;
	*) trees='' ;;
	esac
	[ -z "$trees" ] || set -- -dtb "$trees" "$@"
	[ ! -e "$work/drivers" ] || set -- -drivers "$work/drivers" "$@"
	set -- "$work/write" -arch "$arch" -kernel "$vmlinuz" -version "$version" -initramfs "$work/initramfs.cpio$extension" "$@"
	(cd "$here" && go build -o "$work/write" ./media/write)
	if [ -b "$target" ] && [ ! -w "$target" ]; then
		as_root "$@"
	else
		"$@"
	fi
}

# release writes all that one would publish for an architecture.
release() {
	folder=$target
	mkdir -p "$folder"
	cp "$work/initramfs.cpio$extension" "$folder/initramfs.linux_$arch.cpio$extension"
	cp "$work/drivers" "$folder/drivers.linux_$arch.cpio"
	cp "$vmlinuz" "$folder/vmlinuz.linux_$arch"
	for pair in usb:stick.linux_$arch.img iso:disc.linux_$arch.iso uki:boot.linux_$arch.efi; do
		purpose=${pair%%:*} target=$folder/${pair#*:}
		write_medium "$@"
	done
	list_parts
	(cd "$folder" && sha256sum -- *.linux_* >SHA256SUMS)
}

# list_parts writes what an architecture's files are made of, by SPDX: Go's modules, and Debian's packages.
list_parts() (
	# shellcheck disable=SC2046 # NAME=VERSION each
	set -- $(kernel_version)
	for unpacked in "$programs" "$cache/musl-$arch" "$loaders" "$stubs" "$cache/libseccomp-$arch"; do
		# shellcheck disable=SC2046
		set -- "$@" $(versions_in "$unpacked")
	done
	if [ "$arch" = "$host" ]; then
		set -- "$@" "$(installed_version libc6-dev)" "$(installed_version libseccomp-dev)"
	else
		set -- "$@" "$(installed_version "libc6-dev-$debian_arch-cross")"
	fi
	"$work/write" -arch "$arch" -program "$work/tree/init" sbom "$folder/parts.linux_$arch.spdx.json" "$@"
)

# kernel_version prints the kernel's package, or else the version that it says itself.
kernel_version() {
	if [ "$kernel" = / ]; then
		installed_version "linux-image-$version"
		return
	fi
	packaged=$(versions_in "$kernel")
	echo "${packaged:-linux=$version}"
}

installed_version() { dpkg-query -W -f '${Package}=${Version}\n' "$1"; }

# versions_in prints which packages were unpacked into a folder: as it was noted, else as their changelogs say.
versions_in() {
	if [ -e "$1/.versions" ]; then
		cat "$1/.versions"
		return
	fi
	for log in "$1"/usr/share/doc/*/changelog*.gz; do
		[ ! -e "$log" ] || gzip -dc "$log" | sed -n '1s/^\([^ ]*\) (\([^)]*\)).*/\1=\2/p'
	done
}

## Netboot

# netboot fills the tree that machines boot from, and serves it, tries it, or makes it one that any
# server can serve.
netboot() (
	fill_tree
	case $netboot in
	serve) serve ;;
	export)
		build_server
		"$work/serve" -export "$tree"
		;;
	try)
		build_server
		cd "$here"
		go build -o "$work/netboot" ./test/netboot
		"$work/netboot" -firmware "$try" "$work/serve" "$tree"
		;;
	esac
)

# serve serves the tree, by sudo where there is one; with -check it only sees whether it could, before
# anything is fetched or built.
serve() {
	build_server
	set -- "$work/serve" ${interface:+-interface "$interface"} ${dhcp:+-dhcp "$dhcp"} ${port:+-port "$port"} "$@" "$tree"
	[ "$(id -u)" = 0 ] || ! command -v sudo >/dev/null || set -- sudo "$@"
	"$@"
}

build_server() (cd "$here" && go build -o "$work/serve" ./media/serve)

fill_tree() {
	mkdir -p "$tree/$arch" "$tree/ipxe" "$tree/arguments" "$tree/hooks"
	replace "$vmlinuz" "$arch/vmlinuz"
	replace "$out" "$arch/initramfs"
	stubs=$cache/systemd-boot-efi-$arch
	once "$stubs" fetch_stubs
	replace "$stubs"/usr/lib/systemd/boot/efi/linux*.efi.stub "$arch/stub.efi"
	if [ "$arch" = amd64 ]; then
		once "$cache/ipxe" fetch_ipxe
		replace "$cache/ipxe/usr/lib/ipxe/undionly.kpxe" ipxe/undionly.kpxe
		replace "$cache/ipxe/usr/lib/ipxe/snponly.efi" ipxe/snponly.amd64.efi
	fi
	[ -e "$tree/arguments/default" ] || cat >"$tree/arguments/default" <<-'END'
		# The kernel arguments of machines that have no file of their own beside this one, named after
		# their hardware address, their UUID or their serial number. A change holds from the next boot on.
		b2c.run="docker://docker.io/library/hello-world"
	END
}

# replace puts a file into the tree. Who reads the former one, reads it to its end.
replace() {
	cp "$1" "$tree/$2.new"
	mv "$tree/$2.new" "$tree/$2"
}

## Packages

fetch_stubs() {
	update_lists systemd-boot-efi
	unpack "$stubs" systemd-boot-efi
}

# fetch_loaders fetches Debian's boot loaders: GRUB as Debian signed it, behind a shim that Microsoft
# signed, and on a PC what GRUB for a BIOS is made of.
fetch_loaders() {
	update_lists 'the boot loaders'
	bios=''
	[ "$arch" != amd64 ] || bios=grub-pc-bin
	# shellcheck disable=SC2086 # nothing, or a word
	unpack "$loaders" $bios "grub-efi-$arch-signed" shim-signed "shim-helpers-$arch-signed"
}

fetch_ipxe() {
	update_lists ipxe
	unpack "$cache/ipxe" ipxe
}
