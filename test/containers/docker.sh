#!/bin/sh
# docker.sh FOLDER: copies Debian's dockerd and what it runs into FOLDER, out of packages that are not installed.
set -eu
folder=$(realpath -m "$1") here=$(realpath "$(dirname "$0")") kept=${XDG_CACHE_HOME:-$HOME/.cache}/bootrc/docker
if ! [ -x "$kept/usr/sbin/dockerd" ]; then
    mkdir -p "$(dirname "$kept")"
    work=$(mktemp -d "$kept.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    cd "$work"
    apt-get -qq download docker.io containerd libdevmapper1.02.1 >/dev/null
    for package in *.deb; do
        dpkg -x "$package" unpacked
    done
    mv unpacked "$kept"
fi
PATH=$kept/usr/sbin:$kept/usr/bin:$PATH LD_LIBRARY_PATH=$kept/lib/x86_64-linux-gnu:$kept/usr/lib/x86_64-linux-gnu \
    sh "$here/programs.sh" "$folder" dockerd docker docker-proxy containerd containerd-shim-runc-v2 runc iptables
# iptables finds what it matches with by itself
mkdir -p "$folder/usr/lib/x86_64-linux-gnu"
cp -r /usr/lib/x86_64-linux-gnu/xtables "$folder/usr/lib/x86_64-linux-gnu/"
