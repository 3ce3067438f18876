#!/bin/sh
# What a reader of the log wants to know of this machine.
report "bootrc on $(uname -srm), $(nproc) CPUs, $(free -m | { read -r _; read -r _ total _; echo "$total"; }) MiB of memory"
