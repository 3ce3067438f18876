#!/bin/bash
# network.sh [-kinds REGEXP] compares our DHCP client and resolver with busybox udhcpc and the resolvers
# of musl and glibc, before all kinds of servers of test/dhcpserver and test/nameserver: ten minutes, as root.
set -eu
cd "$(dirname "$0")/.."

missing=()
command -v musl-gcc >/dev/null || missing+=(musl-tools)
command -v busybox >/dev/null || missing+=(busybox)
command -v ip >/dev/null || missing+=(iproute2)
[ ${#missing[@]} -eq 0 ] || apt-get install -y -qq -o DPkg::Lock::Timeout=600 "${missing[@]}" >/dev/null

programs=$(mktemp -d)
trap 'rm -rf "$programs"' EXIT
musl-gcc -static -O2 -Wall -o "$programs/musl" bench/getaddrinfo.c
gcc -O2 -Wall -o "$programs/glibc" bench/getaddrinfo.c
CGO_ENABLED=1 go build -tags 'netgo osusergo seccomp' -o "$programs/init" ./init
CGO_ENABLED=0 go build -o "$programs/lookup" ./bench/network/lookup
go build -o "$programs/network" ./bench/network
"$programs/network" -programs "$programs" "$@"
