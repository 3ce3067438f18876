#!/bin/sh
# pull.sh compares pull with podman, skopeo and umoci, crane and tar, and with pipes of curl, pigz or
# igzip, and bsdtar, which check nothing and unpack all layers at once; from a registry on this
# machine, onto tmpfs and ext4: times, CPU and memory. As root.
#
#   ./bench/pull.sh [-runs N]          N runs (default 3), in each of which every way pulls once, by turns
#   ./bench/pull.sh [-row NAME] [-only NAME]
#                                      one image alone: system, hundred, large, link; one way alone
#
# It runs on Debian 12 and installs what it needs; crane is built from its module into
# ${XDG_CACHE_HOME:-$HOME/.cache}/bootrc/bin. It writes some 15 GiB below ${TMPDIR:-/tmp}, and needs
# 6 GiB of memory. README.md explains the figures.
set -eu
cd "$(dirname "$0")/.."
. ./bench/peers.sh

install podman:podman skopeo:skopeo umoci:umoci igzip:isal pigz:pigz bsdtar:libarchive-tools curl:curl docker-registry:docker-registry
build crane github.com/google/go-containerregistry/cmd/crane github.com/google/go-containerregistry v0.22.1
build_ours "$work/init"
go build -o "$work/pull" ./bench/pull
PATH="$bin:$PATH" "$work/pull" -ours "$work/init" "$@"
