#!/bin/sh
# What a reader of the log wants to know of this machine.
section runtime_info "Runtime information"
read -r _ memory _ </proc/meminfo
report "bootrc on $(uname -srm), $(nproc) CPUs, $((memory / 1024)) MiB of memory"
