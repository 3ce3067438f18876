#!/bin/sh
# Swap: to a file in the cache or to a device (b2c.swap=), and to compressed memory
# (b2c.zram=). Neither is needed for the machine to do its work. For the pipeline's hook, this
# one sets:
#
#   containers_in  the control group whose limit of memory holds for all containers, if one does

# swap_to SIZE|/dev/NAME: to a file in the cache, or to a device with nothing else on it
swap_to() {
    case $1 in
    /dev/*)
        area=$1
        ;;
    *)
        [ -n "$cached" ] || { complain "a file to swap to needs a cache; b2c.zram= does not"; return 1; }
        area=/storage/swap
        rm -f "$area"
        fallocate -l "$1" "$area" || return 1
        ;;
    esac
    [ -z "$b2c_nbd" ] || keep_memory || return 1
    mkswap "$area" && swapon "$area"
}

# keep_memory: the server of a swap device may go away. What brings the device back is never swapped out, and
# containers leave it a fourth of what is free: once memory is short for all, nothing arrives from a server.
keep_memory() {
    mlock /init /hooks/*.sh || return 1
    mkdir -p /sys/fs/cgroup/containers
    [ -e /sys/fs/cgroup/containers/memory.max ] || return 0 # a kernel without limits of memory
    while read -r name size _; do
        [ "$name" != MemAvailable: ] || printf "%sK\n" $((size / 4 * 3)) # in one write
    done </proc/meminfo >/sys/fs/cgroup/containers/memory.max
    containers_in=containers
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

[ -z "$b2c_swap" ] || set_swap || nonfatal "b2c.swap=$b2c_swap failed"
[ -z "$b2c_zram" ] || swap_to_memory "$b2c_zram" || nonfatal "b2c.zram=$b2c_zram failed"
# where /storage is memory, it may hold more now
if [ -z "$cached" ] && [ -n "$b2c_swap$b2c_zram" ] && mountpoint -q /storage; then
    mount -o "remount,$(room)" /storage || nonfatal "/storage holds no more for all the swap"
fi
