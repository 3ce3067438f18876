#!/bin/sh
# Nothing may be left that writes, nothing that was written may be lost.
section unmount_cache_partition "Unmount the cache partition"

# survivors: the processes that are neither the boot, nor PID 1, nor the kernel's own
survivors() {
    for process in /proc/[0-9]*; do
        case ${process#/proc/} in
        1 | $$) ;;
        # the program may be on a server that is away: no look at it
        *) ! readlink "$process/exe" >/dev/null 2>&1 || echo "${process#/proc/}" ;;
        esac
    done
}

# mounted FOLDER: the mount points at and below it, the innermost first
mounted() {
    list=
    while read -r _ target _; do
        case $target in
        "$1" | "$1"/*) list="$target $list" ;;
        esac
    done </proc/self/mounts
    echo "$list"
}

# unmount FOLDER: what is on a disk takes the time that it takes; a server that is away
# must not keep the machine from its end
unmount() {
    while read -r _ target type _; do
        [ "$target" = "$1" ] || continue
        case $type in
        nfs* | cifs | smb3 | 9p | ceph) limit="timeout 30" ;;
        *) limit= ;;
        esac
    done </proc/self/mounts
    $limit umount "$1" || report "$1 is still in use"
}

last-boot --over
for pid in $(survivors); do
    report "process $pid ($(cat "/proc/$pid/comm")) outlived its container"
    kill -KILL "$pid"
done
swapoff -a || report "what was swapped out does not fit into memory"
for folder in /storage /run/bootrc; do
    for target in $(mounted "$folder"); do
        case $target in
        /storage/*) report "$target is still mounted" ;;
        esac
        unmount "$target"
    done
done
# what hooks have mounted elsewhere, or what could not be unmounted
timeout 30 sync || report "not all is written"
