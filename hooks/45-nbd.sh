#!/bin/sh
# Network block devices (b2c.nbd=), for all that may be on a disk: cache, swap, images,
# volumes. One that is not there is missed by whatever needs it.
[ -n "$b2c_nbd" ] || exit 0
modprobe -q nbd # unless it is built in
eval "set -- $b2c_nbd"
for device; do
    as "b2c.nbd=$device" nbd attach "$device" || nonfatal "b2c.nbd=$device: not attached"
done
