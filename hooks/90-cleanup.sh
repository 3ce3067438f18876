#!/bin/sh
# The end of all work: this line is what CI systems wait for.
announce "Execution is over, pipeline status: $B2C_PIPELINE_STATUS"
section cleanup "Done executing the pipeline, clean-up time!"

