#!/bin/sh
# The time, from the network (b2c.ntp_peer=). Certificates are not valid yet on a
# machine whose clock has stopped; but it may still do its work without them.
section ntp_set "Synchronize the clock"
set -f
case $b2c_ntp_peer in
none | '') exit 0 ;;
auto)
    ntpdate -n 3 -t 5 2>/dev/null && exit 0 # with the servers that DHCP named
    set -- 0.pool.ntp.org 1.pool.ntp.org 2.pool.ntp.org 3.pool.ntp.org
    ;;
*)
    IFS=,
    set -- $b2c_ntp_peer
    unset IFS
    ;;
esac
ntpdate -n 3 -t 5 "$@" || nonfatal "b2c.ntp_peer=$b2c_ntp_peer: the clock is not set"
