#!/bin/sh
# The stick or disc that the machine was started from, as its boot loader names it (b2c.stick=): the
# arguments in its arguments.txt, which count less than the kernel's command line, and its hooks for phases
# behind this one. A person edits both on any computer.
[ -n "$b2c_stick" ] || exit 0
set -e
section read_stick "Read the stick"

stick=/run/bootrc/stick
device=$(as b2c.stick wait-for disk "$b2c_stick" -t 60)
mkdir -p $stick
modprobe -qa vfat isofs || : # unless they are built in

# take: the hooks, and in $variables the arguments
take() {
    for hook in $stick/hooks/[0-9][0-9]-?*.sh; do
        [ -f "$hook" ] || continue
        if [ -z "$b2c_trust" ]; then
            cp "$hook" /hooks/ || return 1
        else
            nonfatal "${hook##*/}: the stick's hooks have no signature, which b2c.trust= wants: not taken"
        fi
    done
    variables=$(extra-args $stick/arguments.txt)
}

mount -r "$device" $stick
taken=0
take || taken=$?
umount $stick
[ $taken = 0 ] || exit $taken
eval "$variables"
report "arguments and hooks are those of $device"
