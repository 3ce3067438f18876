#!/bin/sh
# Arguments that the machine has from its maker, or a virtual one from who started it: in SMBIOS, OEM strings that
# begin with bootrc.cmdline=, and QEMU's -fw_cfg name=opt/bootrc/cmdline,… They count less than the kernel's command line.
set -e

# add oem-strings|FILE
add() {
    variables=$(extra-args "$1") || return 1
    eval "$variables"
}

[ ! -e /sys/firmware/dmi/tables/DMI ] || add oem-strings
for device in /sys/bus/acpi/devices/QEMU0002:* /sys/firmware/devicetree/base/fw-cfg@*; do
    [ ! -e "$device" ] || modprobe -q qemu_fw_cfg || : # unless it is built in
done
[ ! -e /sys/firmware/qemu_fw_cfg/by_name/opt/bootrc/cmdline/raw ] || add /sys/firmware/qemu_fw_cfg/by_name/opt/bootrc/cmdline/raw
