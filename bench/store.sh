#!/bin/sh
# What a boot asks of the image store, timed: in the place of 60-run.sh.

# timed WORDS: the command's time, in milliseconds.
timed() {
    begin=$(date +%s%N)
    "$@" >/dev/null
    status=$?
    end=$(date +%s%N)
    echo "store: $(((end - begin) / 1000000)) ms, status $status:" "$@"
}

one() { images -q | head -n 1; }

id=$(one)
timed true
timed prune --keep=1G
timed rmi registry.example/image7:latest
timed pull --policy=missing registry.example/image8:latest
timed pull --policy=missing "$id"
timed images
exit 0
