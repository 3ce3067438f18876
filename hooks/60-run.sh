#!/bin/sh
# The pipeline: the containers of b2c.run=, one after another. The first that
# fails gives the pipeline its status; with b2c.pipefail it is also the last.

export B2C_PIPELINE_STATUS B2C_PIPELINE_FAILED_BY B2C_PIPELINE_SHUTDOWN_MODE
export B2C_PIPELINE_PREV_CONTAINER= B2C_PIPELINE_PREV_CONTAINER_EXIT_CODE=

# run_container WORDS: runs one container and notes how it ended. The words are
# split here, as a shell splits them.
run_container() {
    words=$(words "$1") || { note "$1" 1; return; }
    eval "set -- $words"
    runc-run --privileged --network=host --pull=always \
        -e B2C_PIPELINE_STATUS -e B2C_PIPELINE_FAILED_BY -e B2C_PIPELINE_SHUTDOWN_MODE \
        -e B2C_PIPELINE_PREV_CONTAINER -e B2C_PIPELINE_PREV_CONTAINER_EXIT_CODE \
        "$@"
    status=$?
    case $status in
    125) status=1 ;; # it could not be created: nothing of its own has run
    129) B2C_PIPELINE_SHUTDOWN_MODE=reboot ;;
    130) B2C_PIPELINE_SHUTDOWN_MODE=poweroff ;;
    esac
    note "$container" $status
}

# note CONTAINER STATUS: what the next container and the end can read.
note() {
    B2C_PIPELINE_PREV_CONTAINER=$1
    B2C_PIPELINE_PREV_CONTAINER_EXIT_CODE=$2
    if [ "$2" != 0 ] && [ "$B2C_PIPELINE_STATUS" = 0 ]; then
        B2C_PIPELINE_STATUS=$2
        B2C_PIPELINE_FAILED_BY=$1
    fi
}

run_pipeline() {
    eval "set -- $b2c_run"
    for container; do
        report "container: $container"
        run_container "$container"
        report "container ended with status $B2C_PIPELINE_PREV_CONTAINER_EXIT_CODE"
        if [ -n "$b2c_pipefail" ] && [ "$B2C_PIPELINE_STATUS" != 0 ]; then
            break
        fi
    done
}

if [ -n "$b2c_shell" ]; then
    shell
else
    run_pipeline
fi
# a container's failure is the pipeline's status, and none of this hook
exit 0
