package gunzip

import "math/bits"

// An entry of a table says what the next bits mean:
//
//	bit 31      it is a literal
//	bits 16-30  the literal; or the least length or distance; or where the subtable begins
//	bit 15      it is none of these: bits 12-14 say what
//	bits 8-11   bits of the code alone; of a subtable, bits that select in it
//	bits 0-7    all bits to consume: the code and the extra bits that follow it
type entry = uint32

const (
	literal  entry = 1 << 31
	special  entry = 1 << 15
	subtable entry = 1 << 14
	blockEnd entry = 1 << 13
	unused   entry = special | 1<<12 // bits that no code begins with
)

const (
	lengthBits   = 11 // of codes of literals and lengths that are looked up at once
	distanceBits = 8
	preBits      = 7
	maxBits      = 15 // of any code: RFC 1951, 3.2.7
)

// lengthTable has room for all subtables that codes of 288 symbols may need, and distanceTable
// for those of 32: 2342 and 402.
type (
	lengthTable   [4096]entry
	distanceTable [512]entry
	preTable      [1 << preBits]entry
)

// What a symbol means, without the bits of its code: RFC 1951, 3.2.5.
var (
	lengths   = lengthSymbols()
	distances = distanceSymbols()
	plain     = plainSymbols()
)

func lengthSymbols() (meaning [288]entry) {
	for i := range 256 {
		meaning[i] = literal | entry(i)<<16
	}
	meaning[256] = special | blockEnd
	least := 3
	for i := 257; i < 285; i++ {
		extra := max(0, (i-261)/4)
		meaning[i] = entry(least)<<16 | entry(extra)
		least += 1 << extra
	}
	meaning[285] = 258 << 16
	meaning[286], meaning[287] = unused, unused
	return meaning
}

func distanceSymbols() (meaning [32]entry) {
	least := 1
	for i := range 30 {
		extra := max(0, (i-2)/2)
		meaning[i] = entry(least)<<16 | entry(extra)
		least += 1 << extra
	}
	meaning[30], meaning[31] = unused, unused
	return meaning
}

func plainSymbols() (meaning [19]entry) {
	for i := range meaning {
		meaning[i] = entry(i) << 16
	}
	return meaning
}

// build fills a table of codes of up to direct bits, and behind them the subtables of longer ones,
// from the number of bits of each symbol's code: RFC 1951, 3.2.2. It tells whether the codes are
// ones that a compressor may write: complete, or, as zlib has it, none or a single one of one bit.
func build(table, meaning []entry, direct int, codeBits []uint8) bool {
	var count, next [maxBits + 1]int
	for _, n := range codeBits {
		count[n]++
	}
	used := len(codeBits) - count[0]
	free := 1
	for n := 1; n <= maxBits; n++ {
		free = free<<1 - count[n]
		if free < 0 {
			return false
		}
		if n < maxBits {
			next[n+1] = next[n] + count[n]
		}
	}
	if used == 0 || used == 1 && count[1] == 1 {
		for i := range 1 << direct {
			table[i] = unused
		}
	} else if free > 0 {
		return false
	}
	var sorted [288]uint16 // symbols by their codes
	for symbol, n := range codeBits {
		if n > 0 {
			sorted[next[n]] = uint16(symbol)
			next[n]++
		}
	}
	if used == 1 && free > 0 {
		for i := 0; i < 1<<direct; i += 2 {
			table[i] = withCode(meaning[sorted[0]], 1)
		}
		return true
	}
	if used > 0 {
		fill(table, meaning, direct, sorted[:used], &count)
	}
	return true
}

// fill enters complete codes, the shortest first. They are read from their first bit, which is the
// lowest; a table of n bits becomes one of n+1 by being doubled.
func fill(table, meaning []entry, direct int, sorted []uint16, count *[maxBits + 1]int) {
	code, size, end := 0, 0, 1<<direct
	sub, subBits := -1, 0 // the subtable that is being filled: whose first bits, and how many bits more
	for n := 1; n <= maxBits; n++ {
		for ; n <= direct && size < n; size++ {
			copy(table[1<<size:], table[:1<<size])
		}
		for left := count[n]; left > 0; left-- {
			symbol := sorted[0]
			sorted = sorted[1:]
			switch first := code & (1<<direct - 1); {
			case n <= direct:
				table[code] = withCode(meaning[symbol], n)
			case first != sub:
				sub, subBits = first, subtableBits(n, direct, left, count)
				table[first] = special | subtable | entry(end)<<16 | entry(subBits)<<8 | entry(direct)
				end += 1 << subBits
				fallthrough
			default:
				begin := end - 1<<subBits
				for i := code >> direct; i < 1<<subBits; i += 1 << (n - direct) {
					table[begin+i] = withCode(meaning[symbol], n-direct)
				}
			}
			code = following(code, n)
		}
	}
	for ; size < direct; size++ {
		copy(table[1<<size:], table[:1<<size])
	}
}

// subtableBits tells how many more bits tell the codes apart that begin as one of n bits does,
// of which there are still left.
func subtableBits(n, direct, left int, count *[maxBits + 1]int) int {
	more := n - direct
	for room := 1<<more - left; room > 0 && more+direct < maxBits; {
		more++
		room = room<<1 - count[direct+more]
	}
	return more
}

// following returns the code of n bits after one, or 0 after the last: plus one, read from its
// other end.
func following(code, n int) int {
	zeros := code ^ (1<<n - 1)
	if zeros == 0 {
		return 0
	}
	bit := 1 << (bits.Len(uint(zeros)) - 1)
	return code&(bit-1) | bit
}

// withCode is an entry for a symbol with a code of n bits.
func withCode(meaning entry, n int) entry {
	return meaning + entry(n)<<8 + entry(n)
}
