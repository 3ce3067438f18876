#!/bin/sh
# Nothing that was written may be lost.
sync
if mountpoint -q /storage; then
    umount /storage || report "/storage is still in use"
fi
