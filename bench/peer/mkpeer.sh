#!/bin/sh
# mkpeer.sh MODULES OUT: the peer's initramfs from Debian 12's packages, as an uncompressed
# cpio archive OUT. MODULES is the kernel's …/lib/modules/VERSION.
set -eu

here=$(dirname "$(realpath "$0")")
modules=$(realpath "$1")
out=$(realpath "$2")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/bootrc/peer
packages="podman crun conmon busybox-static libc6
	libdevmapper1.02.1 libselinux1 libudev1 libpcre2-8-0
	libgpgme11 libassuan0 libgpg-error0
	libsubid4 libpam0g libcrypt1 libsemanage2 libsepol2 libbz2-1.0 libaudit1 libcap-ng0 libseccomp2
	libsystemd0 libcap2 libgcrypt20 liblz4-1 liblzma5 libzstd1
	libglib2.0-0 libyajl2"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stage=$work/stage
root=$work/root

# the packages as they are, and of them only what is needed: no maintainer script runs
mkdir -p "$cache" "$stage"
cd "$cache"
for package in $packages; do
	ls "$package"_*.deb >/dev/null 2>&1 || apt-get -qq download "$package" 2>/dev/null
	dpkg-deb --extract "$package"_*.deb "$stage"
done

# library NAME: copies a shared library and, first, what it needs
library() {
	[ ! -e "$root/lib/$1" ] || return 0
	path=$(find "$stage/lib" "$stage/usr/lib" -name "$1" -print -quit)
	[ -n "$path" ] || { echo "mkpeer.sh: no package of the list has $1" >&2; return 1; }
	cp -L "$path" "$root/lib/$1"
	needed "$root/lib/$1"
}

# needed FILE: copies the shared libraries that FILE names
needed() {
	for name in $(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
		library "$name"
	done
}

mkdir -p "$root/bin" "$root/lib" "$root/etc/containers" "$root/modules" "$root/root"
for folder in proc sys dev run tmp storage var/tmp; do
	mkdir -p "$root/$folder"
done
ln -s lib "$root/lib64"
ln -s bin "$root/sbin"
mkdir "$root/usr"
ln -s ../bin "$root/usr/bin"
ln -s ../lib "$root/usr/lib"

for program in podman crun conmon; do
	cp "$stage/usr/bin/$program" "$root/bin/"
	needed "$root/bin/$program"
done
cp "$stage/bin/busybox" "$root/bin/"
for applet in sh mount mkdir insmod ip poweroff; do
	ln -s busybox "$root/bin/$applet"
done
ldconfig -r "$root" -X 2>/dev/null

cp "$here/init" "$root/init"
chmod 755 "$root/init"
cp "$here/fstab" "$root/etc/"
cp "$here/containers.conf" "$here/storage.conf" "$here/policy.json" "$root/etc/containers/"
echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
echo 'root:x:0:' >"$root/etc/group"

# decompressed now, not at each boot
for module in net/core/failover drivers/net/net_failover drivers/net/virtio_net fs/overlayfs/overlay; do
	xz -dc "$modules/kernel/$module.ko.xz" >"$root/modules/${module##*/}.ko"
done

cd "$root"
find . | sort | cpio --quiet -o -H newc -R 0:0 >"$out"
