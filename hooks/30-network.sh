#!/bin/sh
# An address, a route, name servers. b2c.iface= comes first, then the kernel's
# ip=, then DHCP on the first card that gets an answer, whatever its name. Each waits
# b2c.network_timeout= for a card, its link and an answer. Where the cache may have all that
# is needed (b2c.offline=allow), the boot goes on without a network.
set -e
section connect "Connect to the network"

# what DHCP servers are told: the name that the machine is given, and b2c.dhcp=
eval "set -- $b2c_dhcp"
for words; do
    set -- "$@" -o "$words"
    shift
done
case $b2c_hostname in
boot2container | '') ;;
*) set -- -o "hostname=$b2c_hostname" "$@" ;;
esac

configure_interfaces() {
    eval "for spec in $b2c_iface; do iface -t \"\$b2c_network_timeout\" \"\$@\" \"\$spec\" || return 1; done"
}

connect() {
    if [ -n "$b2c_iface" ]; then
        configure_interfaces "$@"
    elif [ -n "$ip" ]; then
        ipconfig -t "$b2c_network_timeout" "$@" "$ip"
    else
        dhcp -t "$b2c_network_timeout" "$@"
    fi
}

ip link set lo up
if [ "$b2c_offline" = allow ]; then
    connect "$@" || report "going on without a network (b2c.offline=allow)"
else
    connect "$@"
fi
