#!/bin/bash
# netboot.sh [-clients N] [-odd TIME] [-rounds N] measures the netboot server beside nginx, dnsmasq and tftpd-hpa,
# boots 200 simulated machines from it at once, and has others send nonsense meanwhile: a quarter of an hour, as root.
set -eu
cd "$(dirname "$0")/.."

missing=()
command -v dnsmasq >/dev/null || missing+=(dnsmasq-base)
command -v ip >/dev/null || missing+=(iproute2)
[ ${#missing[@]} -eq 0 ] || apt-get install -y -qq -o DPkg::Lock::Timeout=600 "${missing[@]}" >/dev/null

programs=$(mktemp -d)
trap 'rm -rf "$programs"' EXIT
# these two would start as services if they were installed
(
	cd "$programs"
	apt-get download -qq nginx-light nginx tftpd-hpa libwrap0
	for package in ./*.deb; do
		dpkg-deb -x "$package" .
	done
	ln -s usr/sbin/nginx usr/sbin/in.tftpd .
)
export LD_LIBRARY_PATH=$programs/usr/lib/x86_64-linux-gnu
go build -o "$programs/serve" ./media/serve
go build -o "$programs/netboot" ./bench/netboot
"$programs/netboot" -programs "$programs" "$@"
