package container

import (
	"fmt"
	"slices"
	"strings"
)

// refused are podman-run(1)'s other options: what they ask for is not done here,
// and nobody is left to believe that it was.
const refused = `
	attach blkio-weight blkio-weight-device cert-dir cgroup-conf cgroups chrootdirs cidfile
	conmon-pidfile cpu-period cpu-quota cpu-rt-period cpu-rt-runtime cpuset-mems decryption-key detach-keys
	device-read-bps device-read-iops device-write-bps device-write-iops disable-content-trust env-merge expose
	gidmap gpus group-entry health-log-destination health-max-log-count health-max-log-size health-on-failure
	health-startup-cmd health-startup-interval health-startup-retries health-startup-success health-startup-timeout
	hosts-file hostuser init init-path ip ip6 label-file link-local-ip log-opt mac-address memory-swappiness
	network-alias no-hostname oom-kill-disable os passwd passwd-entry personality pidfile pod pod-id-file
	preserve-fd preserve-fds publish publish-all quiet rdt-class replace requires retry retry-delay rmi rootfs
	runtime sdnotify seccomp-policy secret shm-size-systemd sig-proxy subgidname subuidname tz uidmap
	volumes-from`

// instead says, by option, why it has nothing to do here, or what does it.
var instead = map[string]string{
	"publish":       hostPorts,
	"publish-all":   hostPorts,
	"expose":        hostPorts,
	"ip":            hostAddress,
	"ip6":           hostAddress,
	"mac-address":   hostAddress,
	"network-alias": hostAddress,
	"pod":           "services stand beside a container: b2c.run_service=",
	"pod-id-file":   "services stand beside a container: b2c.run_service=",
	"volumes-from":  "a volume has a name: -v NAME:FOLDER in both",
	"secret":        "give a file, -v, or a variable, -e; b2c.extra_args_url= keeps both off the kernel's command line",
	"gpus":          "give the devices: --device /dev/dri",
	"runtime":       "the only one is built in",
	"rootfs":        "give an image: oci:FOLDER, or docker-archive:FILE",
	"quiet":         "nothing but the container's own output is printed while it runs",
	"cidfile":       "give the container a name: --name",
	"log-opt":       "a container's output goes to the console",
	"sdnotify":      "a service that takes its time is waited for: --health-cmd",
	"rmi":           "b2c.cache_keep= makes room in the cache",
}

const (
	hostPorts   = "the container has the machine's network (--network=host), its ports are open already"
	hostAddress = "the container has the machine's network (--network=host), and its addresses: b2c.iface= gives more"
)

// refusal is the error for one of those options, or nil for another.
func refusal(typed string) error {
	name := strings.TrimLeft(typed, "-")
	if letter := map[string]string{"-a": "attach", "-p": "publish", "-P": "publish-all", "-q": "quiet"}[typed]; letter != "" {
		name = letter
	}
	switch {
	case !slices.Contains(strings.Fields(refused), name):
		return nil
	case instead[name] != "":
		return fmt.Errorf("%s is not supported: %s", typed, instead[name])
	}
	return fmt.Errorf("%s is not supported (docs/containers.md lists what is)", typed)
}
