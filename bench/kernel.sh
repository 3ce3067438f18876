#!/bin/sh
# kernel.sh compares how long it takes from the start of a kernel's test to its command's first instruction: with
# mkinitramfs.sh --boot --kernel, in a container, and with QEMU and an initramfs of busybox alone, by turns. It judges
# nothing: it prints, for each boot, seconds of the wall clock, the machine's uptime then, and the load of this machine.
#
#   ./bench/kernel.sh [RUNS]     Debian: busybox-static, cpio, umoci, and what mkinitramfs.sh installs
set -eu
cd "$(dirname "$0")/.."
runs=${1:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

main() {
	found=$(go run ./test/machine/kernel 6.12)
	kernel=${found% *}
	make_image
	make_bare
	ours >/dev/null # the first one builds
	for run in $(seq "$runs"); do
		measure bare bare
		measure bootrc ours
	done
}

# make_image makes an image of busybox.
make_image() {
	umoci init --layout "$work/image"
	umoci new --image "$work/image:latest"
	mkdir -p "$work/root/bin"
	cp /bin/busybox "$work/root/bin/"
	umoci insert --rootless --image "$work/image:latest" "$work/root/bin" /bin 2>/dev/null
}

make_bare() {
	mkdir -p "$work/bare/bin" "$work/bare/proc"
	cp /bin/busybox "$work/bare/bin/"
	printf '#!/bin/busybox sh\n/bin/busybox mount -t proc proc /proc\n/bin/busybox cat /proc/uptime\n/bin/busybox poweroff -f\n' >"$work/bare/init"
	chmod 755 "$work/bare/init"
	(cd "$work/bare" && find . | cpio --create --format=newc --quiet) | zstd -q -19 >"$work/bare.cpio.zst"
}

bare() {
	qemu-system-x86_64 -accel tcg,thread=single -cpu max -smp 2 -m 2048 -nodefaults -no-reboot -display none -serial stdio \
		-kernel "$kernel" -initrd "$work/bare.cpio.zst" -append 'console=ttyS0 quiet panic=-1 nowatchdog no_timer_check' </dev/null
}

ours() {
	./mkinitramfs.sh --boot --kernel "$kernel" --image "oci:$work/image" --no-network -- /bin/busybox cat /proc/uptime </dev/null 2>/dev/null
}

# measure NAME COMMAND: the first line of two numbers is /proc/uptime.
measure() {
	begin=$(date +%s%N)
	$2 | while read -r uptime idle rest; do
		case $uptime.$idle in
		*[!0-9.]* | .*) continue ;;
		esac
		printf '%-7s %7.2f s from the start, %7.2f s from the kernel, load %s\n' \
			"$1" "$(awk "BEGIN { print ($(date +%s%N) - $begin) / 1000000000 }")" "$uptime" "$(cut -d ' ' -f 1 /proc/loadavg)"
		cat >/dev/null
	done
}

main
