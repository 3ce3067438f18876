package container

import (
	"fmt"
	"slices"
	"strings"
)

// refused are podman-run(1)'s other options: what they ask for is not done here,
// and nobody is left to believe that it was.
const refused = `
	attach blkio-weight blkio-weight-device cert-dir cgroup-conf cgroup-parent cgroups chrootdirs cidfile
	conmon-pidfile cpu-period cpu-quota cpu-rt-period cpu-rt-runtime cpuset-mems decryption-key detach-keys
	device-read-bps device-read-iops device-write-bps device-write-iops disable-content-trust env-merge expose
	gidmap gpus group-entry health-log-destination health-max-log-count health-max-log-size health-on-failure
	health-startup-cmd health-startup-interval health-startup-retries health-startup-success health-startup-timeout
	hosts-file hostuser init init-path ip ip6 label-file link-local-ip log-opt mac-address memory-swappiness
	network-alias no-hostname oom-kill-disable os passwd passwd-entry personality pidfile pod pod-id-file
	preserve-fd preserve-fds publish publish-all quiet rdt-class replace requires retry retry-delay rmi rootfs
	runtime sdnotify seccomp-policy secret shm-size-systemd sig-proxy subgidname subuidname tz uidmap
	volumes-from`

func unknownOption(typed string) error {
	name := strings.TrimLeft(typed, "-")
	if letter := map[string]string{"-a": "attach", "-p": "publish", "-P": "publish-all", "-q": "quiet"}[typed]; letter != "" {
		name = letter
	}
	if slices.Contains(strings.Fields(refused), name) {
		return fmt.Errorf("%s is not supported", typed)
	}
	return fmt.Errorf("unknown option %s", typed)
}
