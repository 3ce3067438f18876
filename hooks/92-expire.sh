#!/bin/sh
# Filesystems that are volumes are unmounted, the keys of encrypted ones forgotten, and those
# that were only for this pipeline removed.
volume unmount -a || report "some volumes are still in use (not fatal)"
volume expire || report "some expired volumes are still there (not fatal)"
