package tools

import "strconv"

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// humanSize is n bytes in the largest unit of 1024 that keeps it above 1, in at
// most three digits, rounded up, as `ls -h` has it.
func humanSize(n uint64) string {
	if n < 1024 {
		return strconv.FormatUint(n, 10)
	}
	unit, value := "", float64(n)
	for _, u := range "KMGTPE" {
		value /= 1024
		unit = string(u)
		if value < 999.5 || unit == "E" {
			break
		}
	}
	if value < 9.95 {
		return strconv.FormatFloat(ceil(value*10)/10, 'f', 1, 64) + unit
	}
	return strconv.FormatFloat(ceil(value), 'f', 0, 64) + unit
}

func ceil(v float64) float64 {
	whole := float64(uint64(v))
	if whole < v {
		whole++
	}
	return whole
}
