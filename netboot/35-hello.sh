#!/bin/sh
# 35-hello says hello once the network is up: an example of a hook that is dropped in
# by netboot/boot.ipxe.

echo "hello from a hook that iPXE dropped in"
