#!/bin/sh
# The end of the volumes: what still follows the changes of one makes its last pass; filesystems
# that are volumes are unmounted, the keys of encrypted ones forgotten, and those that were
# only for this pipeline removed.
job stop -a || nonfatal "not everything has been mirrored"
volume unmount -a || nonfatal "some volumes are still in use"
volume expire ${b2c_trust_clock:+--trust-clock} || nonfatal "some expired volumes are still there"
