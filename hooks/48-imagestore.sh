#!/bin/sh
# A store of images that others fill, for reading (b2c.storage=). Without it, images are
# pulled.
[ -n "$b2c_storage" ] || exit 0

mount_image_store() {
    case $b2c_storage in
    additionalimagestores=?*) filesystem mount -r "${b2c_storage#*=}" /run/bootrc/imagestore ;;
    *) complain "the only form is additionalimagestores=FILESYSTEM"; return 1 ;;
    esac
}

mount_image_store || nonfatal "b2c.storage=$b2c_storage: failed"
