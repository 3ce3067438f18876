package container

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/size"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// deviceLimit is what an option says of one block device.
type deviceLimit struct {
	device string
	value  uint64
}

// podman's bounds of a weight.
const leastWeight, mostWeight = 10, 1000

var blockIO = slice{
	options: []command.Option{
		{Names: "--blkio-weight", Value: "WEIGHT", Check: check(parseWeight), Help: "weigh it against others at disks, from 10 to 1000"},
		{Names: "--blkio-weight-device", Value: "DEVICE:WEIGHT", Kind: command.Commas, Check: checkQuoting(parseDeviceWeight), Help: "the same for one disk"},
		{Names: "--device-read-bps", Value: "DEVICE:SIZE", Kind: command.Commas, Check: checkQuoting(parseDeviceRate), Help: "let it read SIZE a second from a disk"},
		{Names: "--device-write-bps", Value: "DEVICE:SIZE", Kind: command.Commas, Check: checkQuoting(parseDeviceRate), Help: "let it write SIZE a second to a disk"},
		{Names: "--device-read-iops", Value: "DEVICE:NUMBER", Kind: command.Commas, Check: checkQuoting(parseDeviceTimes), Help: "let it read so often a second from a disk"},
		{Names: "--device-write-iops", Value: "DEVICE:NUMBER", Kind: command.Commas, Check: checkQuoting(parseDeviceTimes), Help: "let it write so often a second to a disk"},
	},
	read: readBlockIO,
}

// readBlockIO finds the devices' numbers, so that a disk that is not there is told before anything is pulled.
func readBlockIO(call *command.Call, v *Invocation) error {
	var b specs.LinuxBlockIO
	given := false
	for name, text := range call.Given("blkio-weight", "blkio-weight-device", "device-read-bps", "device-write-bps", "device-read-iops", "device-write-iops") {
		given = true
		if name == "blkio-weight" {
			n, _ := parseWeight(text)
			b.Weight = &n
			continue
		}
		if err := addDeviceLimit(&b, name, text); err != nil {
			return call.Wrong(name, fmt.Errorf("%s: %w", text, err))
		}
	}
	if given {
		v.Options.Resources.BlockIO = &b
	}
	return nil
}

func addDeviceLimit(b *specs.LinuxBlockIO, option, text string) error {
	parse := map[string]func(string) (deviceLimit, error){
		"blkio-weight-device": parseDeviceWeight, "device-read-bps": parseDeviceRate, "device-write-bps": parseDeviceRate,
	}[option]
	if parse == nil {
		parse = parseDeviceTimes
	}
	limit, err := parse(text)
	if err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Stat(limit.device, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFBLK {
		return fmt.Errorf("%s is not a block device", limit.device)
	}
	throttle := specs.LinuxThrottleDevice{Rate: limit.value}
	throttle.Major, throttle.Minor = int64(unix.Major(st.Rdev)), int64(unix.Minor(st.Rdev))
	switch option {
	case "blkio-weight-device":
		weight := uint16(limit.value)
		w := specs.LinuxWeightDevice{Weight: &weight}
		w.Major, w.Minor = throttle.Major, throttle.Minor
		b.WeightDevice = append(b.WeightDevice, w)
	case "device-read-bps":
		b.ThrottleReadBpsDevice = append(b.ThrottleReadBpsDevice, throttle)
	case "device-write-bps":
		b.ThrottleWriteBpsDevice = append(b.ThrottleWriteBpsDevice, throttle)
	case "device-read-iops":
		b.ThrottleReadIOPSDevice = append(b.ThrottleReadIOPSDevice, throttle)
	case "device-write-iops":
		b.ThrottleWriteIOPSDevice = append(b.ThrottleWriteIOPSDevice, throttle)
	}
	return nil
}

func parseWeight(text string) (uint16, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n < leastWeight || n > mostWeight {
		return 0, fmt.Errorf("expected a weight from %d to %d, got %q", leastWeight, mostWeight, text)
	}
	return uint16(n), nil
}

func parseDeviceWeight(text string) (deviceLimit, error) {
	return parseDeviceLimit(text, func(value string) (uint64, error) {
		n, err := parseWeight(value)
		return uint64(n), err
	})
}

func parseDeviceRate(text string) (deviceLimit, error) {
	return parseDeviceLimit(text, func(value string) (uint64, error) {
		n, err := size.ParseMemory(value)
		return uint64(n), err
	})
}

func parseDeviceTimes(text string) (deviceLimit, error) {
	return parseDeviceLimit(text, func(value string) (uint64, error) {
		n, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			err = errors.New("expected a number")
		}
		return n, err
	})
}

func parseDeviceLimit(text string, parse func(string) (uint64, error)) (deviceLimit, error) {
	device, value, ok := strings.Cut(text, ":")
	if !ok || !strings.HasPrefix(device, "/dev/") {
		return deviceLimit{}, errors.New("expected /dev/NAME:VALUE")
	}
	n, err := parse(value)
	return deviceLimit{device, n}, err
}
