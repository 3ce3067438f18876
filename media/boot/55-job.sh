#!/bin/sh
# The image that mkinitramfs.sh --boot gave this machine as a disk, and the work folder, in one of the ways that the
# machine may have: shared by virtiofs or 9p, or copied from a disk.
set -e
ways=

by() {
    case $1 in
    virtiofs) mount -t virtiofs work /run/bootrc/work ;;
    9p) mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=mmap work /run/bootrc/work ;;
    disk) tar -xf "$(wait-for disk -t 60 SERIAL=bootrc-work)" -C /run/bootrc/work && copied=1 ;;
    esac
}

share_work() {
    modprobe -qa 9p 9pnet_virtio virtiofs || : # those that are built in, or that this kernel has not
    for way in $ways; do
        by $way && return 0
    done
    echo "the work folder cannot be had by: $ways" >&2
    return 1
}

image=$(wait-for disk -t 60 SERIAL=bootrc-image)
mkdir -p /run/bootrc/work
ln -s "$image" /run/bootrc/image
[ -z "$ways" ] || share_work
