#!/bin/bash
# containers.sh [-n NUMBER] measures a container from nothing to nothing, by bootrc, runc and podman,
# natively and as root. It needs busybox-static, runc and podman, and says so if one is missing.
set -eu
cd "$(dirname "$0")/.."
program=$(mktemp)
trap 'rm -f "$program"' EXIT
CGO_ENABLED=1 go build -tags 'netgo osusergo seccomp' -o "$program" ./bench/containers
"$program" "$@"
