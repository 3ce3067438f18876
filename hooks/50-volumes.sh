#!/bin/sh
# Volumes: those that have expired go, then each volume of b2c.volume= is made if it does not exist,
# unlocked with the key or mounted from the filesystem that it names. For the pipeline's
# hook, this one defines:
#
#   mirror_volumes CONDITION  pull and push what is to be mirrored then; from pipeline_start
#                             to pipeline_end, follow what is to be mirrored at changes
set -e

# read_key SOURCE: the base64 of a key: SOURCE is it, or where it is
read_key() {
    case $1 in
    s3://*) s3 cat "${1#s3://}" ;;
    file://*) cat "${1#file://}" ;;
    *://*) fetch "$1" ;;
    *) echo "$1" ;;
    esac
}

# set_up_volume NAME[,KEY[=VALUE]]…
set_up_volume() {
    parsed=$(as b2c.volume volume parse "$1") || return 1
    eval "$parsed"
    eval "set -- $volume_options"
    if [ -n "$volume_fscrypt_key" ]; then
        read_key "$volume_fscrypt_key" | as b2c.volume volume create --ignore --fscrypt-key=- "$@" "$volume_name"
    else
        as b2c.volume volume create --ignore "$@" "$volume_name"
    fi >/dev/null || return 1
    if [ -n "$volume_filesystem" ]; then
        as b2c.volume filesystem mount "$volume_filesystem" "$(volume mount "$volume_name")"
    fi
}

set_up() {
    eval "set -- $b2c_volume"
    for volume; do
        set_up_volume "$volume" || return 1
    done
}

mirror_volumes() (
    condition=$1 failed=0
    eval "set -- $b2c_volume"
    for volume; do
        eval "$(volume parse -q "$volume")"
        mirror_volume || failed=1
    done
    exit $failed
)

# mirror_volume: what is wanted at $condition of the volume whose variables are set
mirror_volume() {
    [ -n "$volume_pull_on$volume_push_on" ] || return 0
    folder=$(volume mount "$volume_name") || return 1
    eval "set -- $volume_mirror_options"
    # where it is pushed to, too, the first push makes the bucket
    [ "$volume_pull_from" != "$volume_push_to" ] || set -- --missing-ok "$@"
    mirrored=0
    mirror pull "$volume_pull_on" "$@" "$volume_pull_from" "$folder" || mirrored=1
    mirror push "$volume_push_on" "$@" "$folder" "$volume_push_to" || mirrored=1
    return $mirrored
}

# mirror pull|push CONDITIONS S3SYNC-ARGUMENT…
mirror() {
    direction=$1 conditions=$2
    shift 2
    case "$condition: $conditions " in
    "pipeline_start: changes ")
        # what is pulled is there when the first container starts
        [ "$direction" = push ] || mirror pull pipeline_start "$@" || return 1
        job start "$direction $volume_name" as "b2c.volume=$volume_name" s3sync --watch "$@"
        ;;
    "pipeline_end: changes ")
        section execute_hooks "Execute the $condition hooks: $direction the last changes of volume $volume_name"
        job stop "$direction $volume_name"
        ;;
    *:*" $condition "*)
        section execute_hooks "Execute the $condition hooks: $direction volume $volume_name"
        as "b2c.volume=$volume_name" s3sync "$@"
        ;;
    esac
}

section setup_volumes "Set up the volumes"
volume expire ${b2c_trust_clock:+--trust-clock} || nonfatal "some expired volumes are still there"
set_up || {
    B2C_PIPELINE_STATUS=1
    B2C_PIPELINE_FAILED_BY="Volume setup"
    exit 1
}
