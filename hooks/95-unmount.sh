#!/bin/sh
# Nothing may be left that writes, nothing that was written may be lost.
section unmount_cache_partition "Unmount the cache partition"

# survivors: the processes that are neither the boot, nor PID 1, nor the kernel's own
survivors() {
    for process in /proc/[0-9]*; do
        case ${process#/proc/} in
        1 | $$) ;;
        *) [ ! -e "$process/exe" ] || echo "${process#/proc/}" ;;
        esac
    done
}

# mounted_below FOLDER: the mount points in it, the innermost first
mounted_below() {
    list=
    while read -r _ target _; do
        case $target in
        "$1"/*) list="$target $list" ;;
        esac
    done </proc/self/mounts
    echo "$list"
}

for pid in $(survivors); do
    report "process $pid ($(cat "/proc/$pid/comm")) outlived its container"
    kill -KILL "$pid"
done
sync
for target in $(mounted_below /storage); do
    report "$target is still mounted"
    umount "$target"
done
swapoff -a || report "what was swapped out does not fit into memory"
for folder in /run/bootrc/imagestore /storage; do
    ! mountpoint -q "$folder" || umount "$folder" || report "$folder is still in use"
done
