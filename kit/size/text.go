package size

import "fmt"

// Text writes a number of bytes as a person reads it, in powers of 1000: what is
// transferred, and what takes space.
func Text(n int64) string {
	const units = "kMGTPE"
	if n < 1000 {
		return fmt.Sprintf("%d bytes", n)
	}
	value, unit := float64(n)/1000, 0
	for value >= 999.95 && unit < len(units)-1 {
		value, unit = value/1000, unit+1
	}
	return fmt.Sprintf("%.1f %cB", value, units[unit])
}

// BinaryText writes a number of bytes in powers of 1024: the sizes of disks.
func BinaryText(n int64) string {
	value, unit := float64(n), 0
	for ; value >= 1024 && unit < 5; unit++ {
		value /= 1024
	}
	return fmt.Sprintf("%.4g %s", value, []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}[unit])
}
