#!/bin/sh
# boot.sh compares bootrc with podman, booted in the same virtual machine: the time from
# /init to a container's first instruction, and the sizes of what is booted.
#
#   ./bench/boot.sh [-runs N]     N boots of each side (default 5), by turns
#   ./bench/boot.sh -ram          the least memory in which each side boots; slow
#   ./bench/boot.sh -profile      bootrc's console, line by line with its times
#   ./bench/boot.sh -farm         a farm's job on an empty disk, and on a machine without a disk
#   ./bench/boot.sh -drivers      a cloud and a generic kernel, with few drivers and with all
#   ./bench/boot.sh -store        what a boot asks of a store of 200 images, in the machine and here
#
# It runs on Debian 12 on amd64 and installs what it needs. Packages that are only unpacked
# stay in ${XDG_CACHE_HOME:-$HOME/.cache}/bootrc. README.md explains the figures.
set -eu
cd "$(dirname "$0")/.."
. ./bench/peers.sh

main() {
	install qemu-system-x86_64:qemu-system-x86 readelf:binutils zstd:zstd xz:xz-utils mkfs.ext4:e2fsprogs \
		skopeo:skopeo qemu-nbd:qemu-utils ganesha.nfsd:nfs-ganesha-vfs umount:mount
	kernel=$(go run ./test/machine/kernel 6.12)
	case ${1-} in
	-farm)
		shift
		set -- -farm "$work/farm" "$@"
		;;
	-drivers)
		shift
		set -- -drivers "$work/sets" "$@"
		;;
	*) build_peer ;;
	esac
	build_initramfs "$@"
	gcc -Os -static -nostdlib -fno-stack-protector -s -o "$work/uptime" bench/uptime.c
	case " $* " in
	*" -ram "* | *" -profile "* | *" -store "* | *" -farm "* | *" -drivers "*) ;;
	*) sizes ;;
	esac
	go build -o "$work/boot" ./bench/boot
	"$work/boot" -kernel "${kernel% *}" -uptime "$work/uptime" \
		-peer "$work/peer.zst" -ours "$work/ours" -cached "$work/cached" "$@"
	case " $* " in
	*" -store "*) go test -run '^$' -bench Bookkeeping ./oci/store ;;
	esac
}

modules() { echo "${kernel#* }"; }

build_peer() {
	./bench/peer/mkpeer.sh "$(modules)" "$work/peer"
	zstd -q -19 "$work/peer"
}

# build_initramfs builds the initramfs without drivers, whose size is wanted, and stacks those
# upon it that the peer has; for boots with a disk, those of that, too.
build_initramfs() {
	./mkinitramfs.sh -o "$work/base.zst" >/dev/null
	go run ./kmod/pack -o "$work/drivers" -only virtio_net,overlay "$(modules)"
	go run ./kmod/pack -o "$work/storage" -only virtio_net,overlay,virtio_blk,ext4 "$(modules)"
	case " $* " in
	*" -store "*)
		mkdir "$work/storage/hooks"
		cp bench/store.sh "$work/storage/hooks/60-run.sh"
		;;
	esac
	case " $* " in
	*" -farm "*)
		go run ./kmod/pack -o "$work/network" -only virtio_net,overlay,virtio_blk,nbd,ext4,nfsv4 "$(modules)"
		archive "$work/network" | cat "$work/base.zst" - >"$work/farm"
		;;
	*" -drivers "*) build_sets >"$work/sets" ;;
	esac
	archive "$work/drivers" >"$work/drivers.zst"
	cat "$work/base.zst" "$work/drivers.zst" >"$work/ours"
	archive "$work/storage" | cat "$work/base.zst" - >"$work/cached"
}

# build_sets stacks three sets of each kernel's drivers upon the initramfs, and lists them: name, kernel and
# initramfs, with tabs between.
build_sets() {
	for series in 6.12 6.12-generic; do
		found=$(go run ./test/machine/kernel "$series")
		build_set 'what the boot needs' virtio_net,virtio_pci,overlay
		build_set 'and for its IDE and fw_cfg' virtio_net,virtio_pci,overlay,ata_piix,ata_generic,qemu_fw_cfg
		./mkinitramfs.sh --modules "${found#* }" -o "$work/$series-all" >&2
		printf '%s\t%s\t%s\n' "$series, all drivers" "${found% *}" "$work/$series-all"
	done
}

# build_set NAME MODULES
build_set() {
	rm -rf "$work/set"
	go run ./kmod/pack -o "$work/set" -only "$2" "${found#* }" >&2
	archive "$work/set" | cat "$work/base.zst" - >"$work/$series-$2"
	printf '%s\t%s\t%s\n' "$series, $1" "${found% *}" "$work/$series-$2"
}

archive() {
	(cd "$1" && find . | sort | cpio --quiet -o -H newc -R 0:0) | zstd -q -19
}

sizes() {
	xz -T1 -6e --check=crc32 <"$work/peer" >"$work/peer.xz"
	zstd -q -d <"$work/ours" | xz -T1 -6e --check=crc32 >"$work/ours.xz"
	printf '%-34s %10s %10s\n' 'Initramfs' zstd xz
	size 'podman, crun, conmon, drivers' "$work/peer.zst" "$work/peer.xz"
	size 'bootrc, drivers' "$work/ours" "$work/ours.xz"
	printf '%-34s %6s MiB\n\n' 'bootrc' "$(mib "$work/base.zst")"
}

size() {
	printf '%-34s %6s MiB %6s MiB\n' "$1" "$(mib "$2")" "$(mib "$3")"
}

mib() { wc -c <"$1" | awk '{ printf "%.2f", $1 / 1048576 }'; }

main "$@"
