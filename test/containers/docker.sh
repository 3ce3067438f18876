#!/bin/sh
# docker.sh FOLDER: copies Debian's dockerd and what it runs into FOLDER.
set -eu
folder=$(realpath -m "$1") here=$(realpath "$(dirname "$0")")
kept=$(sh "$here/packages.sh" docker docker.io containerd libdevmapper1.02.1 apparmor)
PATH=$kept/usr/sbin:$kept/usr/bin:$kept/sbin:$PATH LD_LIBRARY_PATH=$kept/lib/x86_64-linux-gnu:$kept/usr/lib/x86_64-linux-gnu \
    sh "$here/programs.sh" "$folder" dockerd docker docker-proxy containerd containerd-shim-runc-v2 runc iptables \
    apparmor_parser # which dockerd starts where the kernel has AppArmor, as Debian's do
# dockerd looks for its libraries where Debian has them
cp -r "$folder$kept/." "$folder"
rm -r "$folder$kept"
# apparmor_parser speaks of these where they are missing, which dockerd takes for its version
(cd "$kept" && cp -r --parents etc/apparmor usr/share/apparmor-features "$folder")
# iptables finds what it matches with by itself
mkdir -p "$folder/usr/lib/x86_64-linux-gnu"
cp -r /usr/lib/x86_64-linux-gnu/xtables "$folder/usr/lib/x86_64-linux-gnu/"
