#!/bin/sh
# systemd.sh FOLDER: copies Debian's systemd, with the libraries that it needs, into FOLDER.
set -eu
folder=$(realpath -m "$1") here=$(realpath "$(dirname "$0")")
kept=$(sh "$here/packages.sh" systemd systemd libsystemd-shared)
mkdir -p "$folder"
(cd "$kept" && cp -r --parents bin lib usr/bin usr/lib etc "$folder")
find "$kept/bin" "$kept/lib/systemd" "$kept/usr/lib" -type f | LD_LIBRARY_PATH=$kept/usr/lib/x86_64-linux-gnu/systemd:$kept/lib/x86_64-linux-gnu xargs ldd 2>/dev/null |
    grep -o '/[^ ]*' | grep -v -e "$kept" -e : | sort -u | while read -r library; do
    mkdir -p "$folder$(dirname "$library")"
    cp -L "$library" "$folder$library"
done
# what wants a bus, and a getty, of which there are none
for unit in systemd-logind console-getty; do
    ln -s /dev/null "$folder/etc/systemd/system/$unit.service"
done
