#!/bin/sh
# What every later phase stands on: /dev, /run, /tmp, cgroups…
section b2c_setup "Setting up bootrc"
early-mounts
