#!/bin/sh
# build.sh FOLDER builds rclone's S3 server there, if there is none. Its modules are none of this
# module's: they are written down in a go.mod that lasts as long as the build.
set -eu
file=$1/rclone
[ ! -x "$file" ] || exit 0
cd "$(dirname "$0")"
echo "s3-programs: building rclone"
modules=$(mktemp -d)
trap 'rm -rf "$modules"' EXIT
printf 'module rclone\n\ngo 1.25\n\nrequire github.com/rclone/rclone v1.76.0\n' >"$modules/go.mod"
CGO_ENABLED=0 go build -modfile="$modules/go.mod" -mod=mod -ldflags=-w -o "$file" main.go
