#!/bin/sh
# /storage holds images, containers and volumes: on the disk of b2c.cache_device=,
# or else in memory, of which it may take most. Then swap, and a store of images on
# another disk. Whatever of this fails says why, and the machine does its work without.
set -e
section mount_cache_partition "Mount the cache partition"

# the command `filesystem` reads it, here and in later hooks
export b2c_filesystem

mount_cache() {
    case $b2c_cache_device in
    none) return 1 ;;
    auto | reset | auto,wipe | /dev/*) cache-mount "$b2c_cache_device" /storage ;;
    *) filesystem mount "$b2c_cache_device" /storage ;;
    esac
}

# swap_to SIZE|/dev/NAME: to a file in the cache, or to a device with nothing else on it
swap_to() {
    case $1 in
    /dev/*)
        area=$1
        ;;
    *)
        [ -n "$cached" ] || { echo "a file to swap to needs a cache; b2c.zram= does not" >&2; return 1; }
        area=/storage/swap
        rm -f "$area"
        fallocate -l "$1" "$area" || return 1
        ;;
    esac
    mkswap "$area" && swapon "$area"
}

swap_to_memory() {
    modprobe -q zram # unless it is built in
    area=$(zramctl --find --size "$1") && mkswap "$area" && swapon -p 100 "$area"
}

set_swap() {
    swap_to "${b2c_swap%%,*}" || return 1
    case $b2c_swap in
    *,swappiness=*) echo "${b2c_swap##*,swappiness=}" >/proc/sys/vm/swappiness ;;
    esac
}

# the store of images that b2c.storage= names is for reading
mount_image_store() {
    case $b2c_storage in
    additionalimagestores=?*) filesystem mount -r "${b2c_storage#*=}" /run/bootrc/imagestore ;;
    *) echo "the only form is additionalimagestores=FILESYSTEM" >&2; return 1 ;;
    esac
}

mkdir -p /storage
cached=
if mountpoint -q /storage || mount_cache; then # an earlier hook may have its own idea
    cached=1
    chmod 0711 /storage
else
    [ "$b2c_cache_device" = none ] ||
        report "b2c.cache_device=$b2c_cache_device: no cache, images and volumes are in memory (not fatal)"
    mount -t tmpfs -o mode=0711,size=80% storage /storage
fi
[ -z "$b2c_swap" ] || set_swap || report "b2c.swap=$b2c_swap failed (not fatal)"
[ -z "$b2c_zram" ] || swap_to_memory "$b2c_zram" || report "b2c.zram=$b2c_zram failed (not fatal)"
[ -z "$b2c_storage" ] || mount_image_store || report "b2c.storage=$b2c_storage: failed (not fatal)"
# room for what this boot pulls; 90-cleanup.sh makes it for the next
[ -z "$b2c_cache_keep" ] || as b2c.cache_keep prune --keep="$b2c_cache_keep" || report "the cache keeps what it has (not fatal)"
