#!/bin/sh
# Network block devices (b2c.nbd=), for volumes: the cache is mounted before there is
# a network.
set -e
[ -n "$b2c_nbd" ] || exit 0
modprobe nbd
eval "set -- $b2c_nbd"
for device; do
    as "b2c.nbd=$device" nbd attach "$device"
done
