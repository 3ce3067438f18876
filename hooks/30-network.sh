#!/bin/sh
# An address, a route, name servers. b2c.iface= comes first, then the words of other systems
# (ip=, bond=, vlan= …), then DHCP on the first card that gets an answer, whatever its name: that by which
# the boot loader came (BOOTIF=) before others. Each waits b2c.network_timeout= for a card, its link and an
# answer. Where the cache may have all that is needed (b2c.offline=allow), the boot goes on without a network.
set -e
section connect "Connect to the network"

# what DHCP servers are told: the name that the machine is given, and b2c.dhcp=
eval "set -- $b2c_dhcp"
for words; do
    set -- "$@" -o "$words"
    shift
done
case $b2c_hostname in
boot2container | '' | *[!A-Za-z0-9._-]*) ;; # 42-identity.sh says what is wrong with the last
*) set -- -o "hostname=$b2c_hostname" "$@" ;;
esac
set -- -t "$b2c_network_timeout" -b "$BOOTIF" "$@"

connect() {
    if [ -n "$b2c_iface" ]; then
        eval "as b2c.iface iface \"\$@\" $b2c_iface"
    elif [ -n "$network" ]; then
        eval "ipconfig \"\$@\" $network"
    else
        dhcp "$@"
    fi
}

ip link set lo up
if [ "$b2c_offline" = allow ]; then
    connect "$@" || nonfatal "going on without a network (b2c.offline=allow)"
else
    connect "$@"
fi
