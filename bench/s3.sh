#!/bin/sh
# s3.sh compares s3sync with mc, rclone and s5cmd, on one MinIO server on this machine:
# times, CPU and memory, for many small files and for a large one.
#
#   ./bench/s3.sh [-runs N]            N runs (default 5), in each of which every program
#                                      does every task once, by turns
#   ./bench/s3.sh [-runs N] -only s3sync
#                                      one program alone
#
# It runs on Debian 12 and installs what it needs; the server and the peers are built from
# their modules into ${XDG_CACHE_HOME:-$HOME/.cache}/bootrc/bin. It writes some 3 GiB below
# ${TMPDIR:-/tmp}. README.md explains the figures.
set -eu
cd "$(dirname "$0")/.."
. ./bench/peers.sh

install rclone:rclone
build minio github.com/minio/minio github.com/minio/minio v0.0.0-20260212201848-7aac2a2c5b7c
build mc github.com/minio/mc github.com/minio/mc v0.0.0-20250313080218-cf909e1063a9
build s5cmd github.com/peak/s5cmd/v2 github.com/peak/s5cmd/v2 v2.3.0
build_ours "$work/init"
go build -o "$work/s3" ./bench/s3
"$work/s3" -ours "$work/init" "$@"
