#!/bin/sh
# The machine's name.
[ -z "$b2c_hostname" ] || hostname "$b2c_hostname"
