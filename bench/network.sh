#!/bin/bash
# network.sh [-kinds REGEXP] compares our DHCP client and resolver with busybox udhcpc and the resolvers
# of musl and glibc, before all kinds of servers of test/dhcpserver and test/nameserver: ten minutes, as root.
set -eu
cd "$(dirname "$0")/.."

. ./bench/peers.sh
install musl-gcc:musl-tools busybox:busybox ip:iproute2
programs=$work/programs
mkdir "$programs"
musl-gcc -static -O2 -Wall -o "$programs/musl" bench/getaddrinfo.c
gcc -O2 -Wall -o "$programs/glibc" bench/getaddrinfo.c
build_ours "$programs/init"
CGO_ENABLED=0 go build -o "$programs/lookup" ./bench/network/lookup
go build -o "$programs/network" ./bench/network
"$programs/network" -programs "$programs" "$@"
