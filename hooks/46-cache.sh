#!/bin/sh
# /storage holds images, containers and volumes: on the disk of b2c.cache_device=, local
# or a network's, or else in memory, of which it may take most. If there is no cache,
# the hook says why, and the machine does its work without. For 47-swap.sh:
#
#   cached  not empty where there is a cache
#   room    prints tmpfs(5)'s options for how much /storage may hold where it is memory
set -e
section mount_cache_partition "Mount the cache partition"

# the command `filesystem` reads it, here and in later hooks
export b2c_filesystem

mount_cache() {
    case $b2c_cache_device in
    none) return 1 ;;
    stick) cache-mount "beside:$b2c_stick" /storage ;;
    auto | reset | auto,wipe | /dev/*) cache-mount "$b2c_cache_device" /storage ;;
    *) filesystem mount "$b2c_cache_device" /storage ;;
    esac
}

# room: what is free, swap included, but for what it takes to pull an image and to start a container.
# Half of that may go into files, which take 1 KiB each beside what they hold.
room() {
    free=0
    while read -r name size _; do
        case $name in
        MemAvailable: | SwapFree:) free=$((free + size)) ;;
        esac
    done </proc/meminfo
    reserve=$((free / 5 > 24576 ? free / 5 : 24576))
    echo size=$((free - reserve > 4096 ? free - reserve : 4096))K,nr_inodes=$((reserve / 2))
}

mkdir -p /storage
cached=
if mountpoint -q /storage || mount_cache; then # an earlier hook may have its own idea
    cached=1
    chmod 0711 /storage
else
    [ "$b2c_cache_device" = none ] ||
        nonfatal "b2c.cache_device=$b2c_cache_device: no cache, images and volumes are in memory"
    mount -t tmpfs -o mode=0711,$(room) storage /storage
fi
# room for what this boot pulls; 90-cleanup.sh makes it for the next
[ -z "$b2c_cache_keep" ] || as b2c.cache_keep prune --keep="$b2c_cache_keep" || nonfatal "the cache keeps what it has"
# from here on the cache keeps word of how far this boot has come
last-boot ${cached:+/storage/diary} || nonfatal "the cache keeps no diary of this boot"
