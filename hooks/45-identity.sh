#!/bin/sh
# The machine's name.
section set_hostname "Set the hostname"
[ -z "$b2c_hostname" ] || hostname "$b2c_hostname"
