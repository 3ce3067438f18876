#!/bin/sh
# The end of all work: what failed, and the line with the status, which CI systems wait for; then
# the services end, and with them the last who use an image.
causes
announce "Execution is over, pipeline status: $B2C_PIPELINE_STATUS"
section cleanup "Done executing the pipeline, clean-up time!"
service stop
[ -z "$b2c_cache_keep" ] || as b2c.cache_keep prune --keep="$b2c_cache_keep" || nonfatal "the cache keeps what it has"
