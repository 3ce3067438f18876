#!/bin/sh
# The pipeline: services beside it, the containers of b2c.run= one after another,
# and at last those of b2c.run_post=. The first container that fails gives the
# pipeline its status; with b2c.pipefail it is also the last.

export B2C_PIPELINE_STATUS B2C_PIPELINE_FAILED_BY B2C_PIPELINE_SHUTDOWN_MODE
export B2C_PIPELINE_PREV_CONTAINER= B2C_PIPELINE_PREV_CONTAINER_EXIT_CODE=

# fail STATUS WHAT WHY: only the first failure is the pipeline's.
fail() {
    blame 60-run.sh "$3"
    [ "$B2C_PIPELINE_STATUS" = 0 ] || return 0
    B2C_PIPELINE_STATUS=$1
    B2C_PIPELINE_FAILED_BY=$(variable "$2")
}

# short BYTES WORDS: their beginning, where they are longer
short() {
    if [ ${#2} -le $1 ]; then
        printf '%s\n' "$2"
    else
        printf "%s…\n" "$(printf %s "$2" | head -c "$1")"
    fi
}

# line, variable WORDS: as much of them as a line of the log has room for, or a variable of a
# container, where Linux ends at 128 KiB
line() { short 100 "$1"; }
variable() { short 120000 "$1"; }

# with_defaults COMMAND ARGUMENT CONTAINER: COMMAND gets the container's words, split
# as a shell splits them, after what all containers of the pipeline have. What
# yours must not have, take away here. Errors begin with the kernel's ARGUMENT.
with_defaults() {
    command=$1 subject=$2=$(line "$3")
    words=$(as "$subject" words "$3") || return 1
    eval "set -- $words"
    as "$subject" $command --privileged --network=host --cgroup-parent="$containers_in" \
        --pull="$b2c_pull" --offline="$b2c_offline" \
        -e B2C_PIPELINE_STATUS -e B2C_PIPELINE_FAILED_BY -e B2C_PIPELINE_SHUTDOWN_MODE \
        -e B2C_PIPELINE_PREV_CONTAINER -e B2C_PIPELINE_PREV_CONTAINER_EXIT_CODE \
        "$@"
}

# mirrors CONDITION: what the volumes have to fetch or send now (50-volumes.sh).
mirrors() {
    command -v mirror_volumes >/dev/null || return 0
    mirror_volumes "$1"
}

start_services() {
    eval "set -- $b2c_run_service"
    for container; do
        section start_service_container "Pull, create, init, and start the service container"
        with_defaults "service start" b2c.run_service "$container" || {
            fail 1 "$container" "b2c.run_service=$(line "$container")"
            return 1
        }
    done
}

# run_container ARGUMENT CONTAINER: one container, with the mirrors before and after it. Its end
# is in $status and $outcome.
run_container() {
    status=1 outcome="no container was created, status 1"
    mirrors container_start || return 1
    section create_container "Pull, create, and init the container"
    if with_defaults runc-create "$1" "$2"; then
        section --open container_run "About to start executing a container"
        as "$1=$(line "$2")" runc-start --latest
        status=$?
        outcome="the container ended with status $status"
    fi
    section b2c_post_container "Gathering container results"
    case $status in
    129) B2C_PIPELINE_SHUTDOWN_MODE=reboot ;;
    130) B2C_PIPELINE_SHUTDOWN_MODE=poweroff ;;
    esac
    B2C_PIPELINE_PREV_CONTAINER=$(variable "$2")
    B2C_PIPELINE_PREV_CONTAINER_EXIT_CODE=$status
    mirrors container_end || [ $status != 0 ] || status=1 outcome="$outcome, and its mirrors failed"
    return $status
}

run_containers() {
    eval "set -- $b2c_run"
    for container; do
        if run_container b2c.run "$container"; then
            report "$outcome: $(line "$container")"
            continue
        fi
        report "$outcome: $(line "$container")"
        fail $status "$container" "$outcome: b2c.run=$(line "$container")"
        [ -z "$b2c_pipefail" ] || return 0
    done
}

run_post_containers() {
    eval "set -- $b2c_run_post"
    for container; do
        run_container b2c.run_post "$container" || nonfatal "b2c.run_post=$(line "$container"): $outcome"
    done
}

run_pipeline() {
    section start_pipeline "Run all the containers of the command line"
    if mirrors pipeline_start; then
        start_services && run_containers
        run_post_containers
        mirrors pipeline_end || fail 1 "Pipeline-end hooks" "the mirrors of the pipeline's end failed"
    else
        fail 1 "Pipeline-start hooks" "the mirrors of the pipeline's start failed"
    fi
}

if [ -n "$b2c_shell" ]; then
    report "a shell in place of the pipeline: its exit ends the boot; phase lists the phases, help the commands"
    shell
elif [ -z "$b2c_run$b2c_run_service$b2c_run_post$b2c_volume" ]; then
    complain "nothing to run: b2c.run= names no container (where hooks do all the work: b2c.skip=run)"
    fail 1 "Nothing to run" "nothing to run"
else
    run_pipeline
fi
# a container's failure is the pipeline's status, and none of this hook
exit 0
