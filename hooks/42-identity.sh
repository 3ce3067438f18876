#!/bin/sh
# The machine's name.
set -e
section set_hostname "Set the hostname"
case $b2c_hostname in
'') ;;
*[!A-Za-z0-9._-]*)
    complain "b2c.hostname=$b2c_hostname: only letters, digits, '.', '-' and '_' can be in a host's name"
    exit 1
    ;;
*) as b2c.hostname hostname "$b2c_hostname" ;;
esac
