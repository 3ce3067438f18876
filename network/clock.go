package network

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// SetClock sets the system's clock.
func SetClock(now time.Time) error {
	t := unix.NsecToTimespec(now.UnixNano())
	if err := unix.ClockSettime(unix.CLOCK_REALTIME, &t); err != nil {
		return fmt.Errorf("set the clock: %w", err)
	}
	return nil
}

// SetRTC sets the clock that runs while the machine is off (rtc(4)), /dev/rtc0, in
// UTC. A machine without one is no error.
func SetRTC(now time.Time) error {
	rtc, err := os.OpenFile("/dev/rtc0", os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENODEV) || errors.Is(err, unix.ENXIO) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("set the real-time clock: %w", err)
	}
	defer rtc.Close()
	if err := unix.IoctlSetRTCTime(int(rtc.Fd()), rtcTime(now.UTC())); err != nil {
		return fmt.Errorf("set the real-time clock %s: %w", rtc.Name(), err)
	}
	return nil
}

// rtcTime counts as struct rtc_time does: months from 0, years from 1900.
func rtcTime(t time.Time) *unix.RTCTime {
	return &unix.RTCTime{
		Year: int32(t.Year() - 1900), Mon: int32(t.Month() - 1), Mday: int32(t.Day()),
		Hour: int32(t.Hour()), Min: int32(t.Minute()), Sec: int32(t.Second()),
		Wday: int32(t.Weekday()), Yday: int32(t.YearDay() - 1),
	}
}
