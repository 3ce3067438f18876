#!/bin/sh
# An address, a route, name servers. b2c.iface= comes first, then the kernel's
# ip=, then DHCP on the first interface of eth* or en* that answers. Where the cache may
# have all that is needed (b2c.offline=allow), the boot goes on without a network.
set -e
section connect "Connect to the network"

configure_interfaces() {
    eval "set -- $b2c_iface"
    for spec; do
        iface "$spec" || return 1
    done
}

connect() {
    if [ -n "$b2c_iface" ]; then
        configure_interfaces
    elif [ -n "$ip" ]; then
        ipconfig "$ip"
    else
        dhcp
    fi
}

ip link set lo up
if [ "$b2c_offline" = allow ]; then
    connect || report "going on without a network (b2c.offline=allow)"
else
    connect
fi
