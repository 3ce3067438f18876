package kmod

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
)

// watchFirmware tells complain of each firmware file that a driver asks the kernel for
// and that is missing, once, from the kernel's log, until ctx is done.
func watchFirmware(ctx context.Context, complain func(error)) error {
	log, err := os.Open("/dev/kmsg")
	if err != nil {
		return err
	}
	if _, err := log.Seek(0, io.SeekEnd); err != nil {
		log.Close()
		return err
	}
	stop := context.AfterFunc(ctx, func() { log.Close() })
	go func() {
		defer stop()
		missing := make(map[string]bool)
		record := make([]byte, 16<<10)
		for ctx.Err() == nil {
			n, err := log.Read(record)
			if err != nil { // records were lost, or the file is closed
				continue
			}
			driver, file, ok := missingFirmware(string(record[:n]))
			if ok && !missing[file] {
				missing[file] = true
				complain(fmt.Errorf("firmware %s is missing, which the driver %s asked for: pack it (mkinitramfs.sh --firmware)", file, driver))
			}
		}
	}()
	return nil
}

// missingFirmware reads a record of /dev/kmsg in which the kernel says, in its own words
// or in Debian's, that a file of firmware is not there:
//
//	4,1,2,-;e100 0000:00:03.0: Direct firmware load for e100/d101m_ucode.bin failed with error -2
//	3,1,2,-;e100 0000:00:03.0: firmware: failed to load e100/d101m_ucode.bin (-2)
func missingFirmware(record string) (driver, file string, ok bool) {
	_, text, _ := strings.Cut(record, ";")
	text, _, _ = strings.Cut(text, "\n")
	driver, _, _ = strings.Cut(text, " ")
	for _, form := range [...]struct{ before, behind string }{
		{": Direct firmware load for ", " failed with error -2"},
		{": firmware: failed to load ", " (-2)"},
	} {
		_, rest, found := strings.Cut(text, form.before)
		file, found2 := strings.CutSuffix(rest, form.behind)
		if found && found2 && file != "" {
			return driver, file, true
		}
	}
	return "", "", false
}
