#!/bin/sh
# What comes over the network to configure this boot: hooks for later phases
# (b2c.hook=NN-NAME.sh,URL[,sha256=HEX]).
set -e
section parse_extra_cmdline "Fetch what configures this boot"

fetch_hook() {
    name=${1%%,*}
    url=${1#*,}
    sum=
    case $url in
    *,sha256=*)
        sum=--sha256=${url##*,sha256=}
        url=${url%,sha256=*}
        ;;
    esac
    case $name in
    [0-9][0-9]-?*.sh) ;;
    *)
        echo "b2c.hook=$1: a hook's name has the form NN-name.sh" >&2
        return 1
        ;;
    esac
    fetch $sum -o "/hooks/$name" "$url"
}

eval "set -- $b2c_hook"
for hook; do
    fetch_hook "$hook"
done
