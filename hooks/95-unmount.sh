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

# kill_survivors: one that waits in the kernel, for a server or a disk, may never end
kill_survivors() {
    for pid in $(survivors); do
        report "process $pid ($(cat "/proc/$pid/comm")) outlived its container"
        kill -KILL "$pid"
    done
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        left=$(survivors)
        [ -n "$left" ] || return 0
        sleep 0.5
    done
    report "killed, but still there:" $left
}

last-boot --over
kill_survivors
swapoff -a || report "what was swapped out does not fit into memory"
set --
while read -r _ target _; do
    case $target in
    /storage/*) report "$target is still mounted" ;;
    /storage | /run/bootrc/*) set -- "$@" "$target" ;;
    esac
done </proc/self/mounts
# a server that is away must not keep the machine from its end
[ $# = 0 ] || umount -R --timeout=30 "$@" || report "not all is unmounted"
# what hooks have mounted elsewhere, or what could not be unmounted
timeout 30 sync || report "not all is written"
