#!/bin/sh
# Images in archives, before the pipeline asks for them by their names (--pull=missing): b2c.load=.
set -e

eval "set -- $b2c_load"
for image; do
    as "b2c.load=$image" load "$image"
done
