#!/bin/sh
# Off, or around again where a container asked for a reboot.
section summary "What took its time"
summary
section --end
if [ "$B2C_PIPELINE_SHUTDOWN_MODE" = reboot ]; then
    announce "Rebooting the computer"
    eval "$b2c_reboot_cmd"
fi
announce "It's now safe to turn off your computer"
sleep "$b2c_poweroff_delay"
case $b2c_watchdog in
'' | *,keep) ;;
*) watchdog stop || nonfatal "the machine may not stay off" ;;
esac
eval "$b2c_shutdown_cmd"
