#!/bin/sh
# packages.sh NAME PACKAGE…: unpacks Debian packages, which are not installed, into a folder of that name in the cache, and
# prints its path.
set -eu
kept=${XDG_CACHE_HOME:-$HOME/.cache}/bootrc/$1
shift
if ! [ "$(cat "$kept/.packages" 2>/dev/null)" = "$*" ]; then
    mkdir -p "$(dirname "$kept")"
    work=$(mktemp -d "$kept.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    cd "$work"
    apt-get -qq -o APT::Sandbox::User=root download "$@" >&2
    for package in *.deb; do
        dpkg -x "$package" unpacked
    done
    echo "$*" >unpacked/.packages
    rm -rf "$kept"
    mv unpacked "$kept"
fi
echo "$kept"
