#!/bin/sh
# /storage holds images, containers and volumes: on the disk of b2c.cache_device=,
# or else in memory, of which it may take most. A machine whose cache fails says why,
# and does its work without one.
set -e

# `filesystem` reads it, here and in later hooks
export b2c_filesystem

cache() {
    case $b2c_cache_device in
    none) return 1 ;;
    auto | reset | auto,wipe | /dev/*) cache-mount "$b2c_cache_device" /storage ;;
    *) filesystem mount "$b2c_cache_device" /storage ;;
    esac
}

mkdir -p /storage
if cache; then
    chmod 0711 /storage
else
    [ "$b2c_cache_device" = none ] || report "b2c.cache_device=$b2c_cache_device: no cache: images and volumes are in memory (not fatal)"
    mount -t tmpfs -o mode=0711,size=80% storage /storage
fi
