#!/bin/sh
# What configures this boot from over the network: the arguments at
# b2c.extra_args_url=, without which nothing is run, and hooks for later phases
# (b2c.hook=NN-NAME.sh,URL[,sha256=HEX][,key=KEY]). They may need b2c.proxy=, b2c.ca= and
# b2c.minio=, and may bring these themselves. Then who the registries are.
set -e
section parse_extra_cmdline "Fetch what configures this boot"

use_proxy() {
    [ -n "$b2c_proxy" ] || return 0
    exports=$(as b2c.proxy proxy "$b2c_proxy")
    eval "$exports"
}

# those that are trusted already are not fetched again
trust_authorities() {
    [ "$b2c_ca" != "$trusted" ] || return 0
    eval "set -- $b2c_ca"
    as b2c.ca trust-ca "$@"
    trusted=$b2c_ca
}

# the secret key is all behind the third comma
name_stores() {
    eval "set -- $b2c_minio"
    for store; do
        name=${store%%,*}
        case $store in
        ?*,?*,*,*) ;;
        *)
            complain "b2c.minio=$name,…: not ALIAS,URL,ACCESS_KEY,SECRET_KEY"
            return 1
            ;;
        esac
        rest=${store#*,}
        keys=${rest#*,}
        as "b2c.minio=$name,…" s3 alias set "$name" "${rest%%,*}" "${keys%%,*}" "${keys#*,}"
    done
}

know_registries() {
    eval "set -- $b2c_verify"
    [ $# = 0 ] || as b2c.verify verify "$@"
    eval "set -- $b2c_mirror"
    [ $# = 0 ] || as b2c.mirror mirror "$@"
    eval "set -- $b2c_login"
    for login; do
        secret=${login#*,}
        user=${secret%%,*}
        case $login in
        ?*,?*,*) printf %s "${secret#*,}" | as "b2c.login=${login%%,*},…" login -u "$user" "${login%%,*}" ;;
        *)
            complain "b2c.login=${login%%,*},…: not REGISTRY,USER,SECRET"
            return 1
            ;;
        esac
    done
}

add_arguments() {
    variables=$(as b2c.extra_args_url extra-args -t 60 "$b2c_extra_args_url") || return 1
    eval "$variables"
}

trusted=
use_proxy
trust_authorities
name_stores
if [ -n "$b2c_extra_args_url" ]; then
    add_arguments
    use_proxy
    trust_authorities
    name_stores
fi
know_registries
eval "set -- $b2c_hook"
for hook; do
    as "b2c.hook=$hook" fetch-hook "$hook"
done
