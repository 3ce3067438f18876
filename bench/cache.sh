#!/bin/sh
# /storage on the machine's disk: in the place of 20-cache.sh.
set -e
mkdir -p /storage
mount -t ext4 /dev/vda /storage
