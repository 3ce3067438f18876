#!/bin/sh
# Network block devices, now that nothing on them is mounted.
nbd detach || report "what was written to a network block device may be lost"
