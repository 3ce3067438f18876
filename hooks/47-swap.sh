#!/bin/sh
# Swap: to a file in the cache or to a device (b2c.swap=), and to compressed memory
# (b2c.zram=). Neither is needed for the machine to do its work.

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
    # a server may stay away, and with it all that was swapped out
    [ -z "$b2c_nbd" ] || mlock /init /hooks/*.sh || return 1
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

[ -z "$b2c_swap" ] || set_swap || report "b2c.swap=$b2c_swap failed (not fatal)"
[ -z "$b2c_zram" ] || swap_to_memory "$b2c_zram" || report "b2c.zram=$b2c_zram failed (not fatal)"
