#!/bin/sh
# The end of the volumes: what still follows the changes of one makes its last pass; filesystems
# that are volumes are unmounted, the keys of encrypted ones forgotten, and those that were
# only for this pipeline removed.
job stop -a || report "not everything has been mirrored (not fatal)"
volume unmount -a || report "some volumes are still in use (not fatal)"
volume expire ${b2c_trust_clock:+--trust-clock} || report "some expired volumes are still there (not fatal)"
