package tools

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"unsafe"

	"bootrc/kit/command"

	"golang.org/x/sys/unix"
)

// The binary form of a keymap, as `loadkeys --bkeymap` writes and busybox's
// loadkmap reads it: a magic, for each of the kernel's tables a byte that says
// whether it follows, and those tables.
const (
	keymapMagic  = "bkeymap"
	keymapTables = 256 // MAX_NR_KEYMAPS
	keymapKeys   = 128 // of a table
)

// kdskbent is KDSKBENT of linux/kd.h: set one key of the console's keymap.
const kdskbent = 0x4b47

func keymapCommands() []command.Command {
	return []command.Command{
		{
			Name: "loadkmap", Summary: "set the console's keymap to a binary one, as loadkeys --bkeymap writes it", Forms: []string{"<FILE"},
			Run: tool(loadKeymap),
		},
	}
}

// key is struct kbentry.
type key struct {
	table, index uint8
	value        uint16
}

func loadKeymap(_ context.Context, c *call) error {
	const most = len(keymapMagic) + keymapTables + keymapTables*keymapKeys*2
	data, err := io.ReadAll(io.LimitReader(c.Stdin, int64(most)+1))
	if err != nil {
		return err
	}
	keys, err := parseKeymap(data)
	if err != nil {
		return err
	}
	return setKeys(keys)
}

func parseKeymap(data []byte) ([]key, error) {
	if len(data) < len(keymapMagic)+keymapTables || string(data[:len(keymapMagic)]) != keymapMagic {
		return nil, errors.New("not a binary keymap: `loadkeys --bkeymap NAME` makes one of kbd's")
	}
	present, data := data[len(keymapMagic):][:keymapTables], data[len(keymapMagic)+keymapTables:]
	var keys []key
	for table, follows := range present {
		if follows == 0 {
			continue
		}
		if len(data) < keymapKeys*2 {
			return nil, errors.New("the keymap is cut short")
		}
		for index := range keymapKeys {
			keys = append(keys, key{uint8(table), uint8(index), binary.LittleEndian.Uint16(data[index*2:])})
		}
		data = data[keymapKeys*2:]
	}
	if len(data) > 0 {
		return nil, fmt.Errorf("%d bytes too many behind the keymap", len(data))
	}
	return keys, nil
}

// setKeys changes the keymap, which all of the kernel's consoles share.
func setKeys(keys []key) error {
	console, err := os.OpenFile("/dev/tty0", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return fmt.Errorf("this machine has no console with a keyboard: %w", err)
	}
	defer console.Close()
	for _, k := range keys {
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, console.Fd(), kdskbent, uintptr(unsafe.Pointer(&k))); errno != 0 {
			return fmt.Errorf("set key %d of table %d: %w", k.index, k.table, errno)
		}
	}
	return nil
}
