package extraargs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
)

// oemPrefix begins the OEM strings that are meant for us: makers of machines put others there.
const oemPrefix = "bootrc.cmdline="

// OEMStrings returns the arguments in a table of SMBIOS: what is behind "bootrc.cmdline=" in each OEM string that
// begins so, a line each (SMBIOS specification, DSP0134, 7.12 and 6.1.3).
func OEMStrings(file string) ([]byte, error) {
	table, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	text, err := oemStrings(table)
	if err != nil {
		err = fmt.Errorf("%s: %w", file, err)
	}
	return text, err
}

func oemStrings(table []byte) ([]byte, error) {
	const oem, end = 11, 127
	var text []byte
	for len(table) > 0 {
		if len(table) < 4 || int(table[1]) < 4 || int(table[1]) > len(table) {
			return nil, errors.New("a structure is cut off")
		}
		kind, rest := table[0], table[table[1]:]
		strings, next, whole := bytes.Cut(rest, []byte{0, 0})
		if !whole {
			return nil, errors.New("the strings of a structure have no end")
		}
		if kind == end {
			break
		}
		for s := range bytes.SplitSeq(strings, []byte{0}) {
			if words, ours := bytes.CutPrefix(s, []byte(oemPrefix)); ours && kind == oem {
				text = append(append(text, words...), '\n')
			}
		}
		table = next
	}
	return text, nil
}
