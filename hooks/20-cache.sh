#!/bin/sh
# /storage holds images and containers: memory, of which it may take most.
set -e
section mount_cache_partition "Mount the cache partition"
mkdir -p /storage
mountpoint -q /storage || mount -t tmpfs -o mode=0711,size=80% storage /storage
