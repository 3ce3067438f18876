#!/bin/sh
# Nothing that was written may be lost.
section unmount_cache_partition "Unmount the cache partition"
sync
if mountpoint -q /storage; then
    umount /storage || report "/storage is still in use"
fi
