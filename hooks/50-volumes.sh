#!/bin/sh
# Volumes: those that have expired go, then each of b2c.volume= is made where there is none,
# unlocked with the key or mounted from the filesystem that it names. For the pipeline's
# hook, this one defines:
#
#   mirror_volumes CONDITION  pull and push what is to be mirrored then; from pipeline_start
#                             on, follow the changes of those that are to be followed
#   stop_mirrors              end that, once everything has arrived
set -e

# set_alias ALIAS,URL,ACCESS_KEY,SECRET_KEY
set_alias() {
    alias=${1%%,*} rest=${1#*,}
    url=${rest%%,*} rest=${rest#*,}
    s3 alias set "$alias" "$url" "${rest%%,*}" "${rest#*,}"
}

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
    parsed=$(volume parse "$1") || return 1
    eval "$parsed"
    eval "set -- $volume_options"
    if [ -n "$volume_fscrypt_key" ]; then
        read_key "$volume_fscrypt_key" | volume create --ignore --fscrypt-key=- "$@" "$volume_name"
    else
        volume create --ignore "$@" "$volume_name"
    fi >/dev/null || return 1
    if [ -n "$volume_filesystem" ]; then
        filesystem mount "$volume_filesystem" "$(volume mount "$volume_name")"
    fi
}

set_up() {
    eval "set -- $b2c_minio"
    for minio; do
        set_alias "$minio" || return 1
    done
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
    return $failed
)

# mirror_volume: what is to be done at $condition for the volume whose variables are set
mirror_volume() {
    folder=$(volume mount "$volume_name") || return 1
    eval "set -- $volume_mirror_options"
    failed_here=0
    if wanted "$volume_pull_on"; then
        report "pull volume $volume_name from $volume_pull_from"
        s3sync "$@" "$volume_pull_from" "$folder" || failed_here=1
    fi
    if wanted "$volume_push_on"; then
        report "push volume $volume_name to $volume_push_to"
        s3sync "$@" "$folder" "$volume_push_to" || failed_here=1
    fi
    return $failed_here
}

# wanted CONDITIONS: tells whether $condition is one of them
wanted() {
    case " $1 " in
    *" $condition "*) ;;
    *) return 1 ;;
    esac
}

volume expire || report "some expired volumes are still there (not fatal)"
set_up || {
    B2C_PIPELINE_STATUS=1
    B2C_PIPELINE_FAILED_BY="Volume setup"
    exit 1
}
