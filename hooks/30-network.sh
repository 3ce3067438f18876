#!/bin/sh
# An address, a route, name servers. b2c.iface= comes first, then the kernel's
# ip=, then DHCP on the first interface of eth* or en* that answers.
set -e
section connect "Connect to the network"

configure_interfaces() {
    eval "set -- $b2c_iface"
    for spec; do
        iface "$spec"
    done
}

ip link set lo up
if [ -n "$b2c_iface" ]; then
    configure_interfaces
elif [ -n "$ip" ]; then
    ipconfig "$ip"
else
    dhcp
fi
