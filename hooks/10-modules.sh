#!/bin/sh
# Drivers: first those that b2c.modules= names, in order; then, from now on, one for
# every device that the machine shows or that is plugged in. Nothing waits here until all
# are loaded: each phase waits for what it needs (`help wait-for`). A machine whose
# kernel has its drivers built in has no modules, and needs none.
set -e
section load_modules "Load the kernel modules"

load_named() {
    IFS=,
    for module in $b2c_modules; do
        modprobe "$module"
    done
    unset IFS
}

[ -z "$b2c_modules" ] || load_named
if [ -d "/lib/modules/$(uname -r)" ] || [ -d "/usr/lib/modules/$(uname -r)" ]; then
    # from here on the kernel may ask for modules itself
    [ -e /sbin/modprobe ] || ln -s /init /sbin/modprobe
    # meanwhile, what waits for no device: lo, and overlay, which containers need
    { ip link set lo up; modprobe -q overlay; } &
    coldplug --follow || nonfatal "some drivers could not be loaded"
    wait
    # and in the background, what later phases will want by name: their waiting pays for it
    expected=$(b2c_filesystem=$b2c_filesystem filesystem drivers 2>/dev/null) || : # of those that are wrong, their phase speaks
    [ "$b2c_cache_device" = none ] || expected="ext4 $expected"
    [ -z "$b2c_nbd" ] || expected="nbd $expected"
    [ -z "$expected" ] || modprobe -qa $expected 2>/dev/null &
fi
