package gunzip

import "encoding/binary"

// Each turn of the loop in codes reads at most 8 bytes at the input's position, and writes at most
// two literals and one match, whose last 8 bytes may lie behind its end.
const (
	inputSlack  = 32
	outputSlack = 2 + 258 + 8
)

// codes decodes a compressed block, until it ends or there is too little input or room.
// One turn is a match with up to two literals before it, or three literals. 56 bits are there when it
// begins: enough for these literals' codes and a length's, 2·11 + 15 + 5.
func (d *inflater) codes() (ended bool, err error) {
	in, out := d.in, d.out
	lengths, distances := &d.lengths, &d.distances
	ip, op := d.ip, d.op
	hold, held := d.hold, d.held
	inputEnd, outputEnd := d.inputEnd(), len(out)-outputSlack
	hold |= binary.LittleEndian.Uint64(in[ip:]) << (held & 63)
	ip += int(63-held) >> 3
	held |= 56
	e := lengths[hold&(1<<lengthBits-1)]
loop:
	for ip < inputEnd && op <= outputEnd {
		if e&literal != 0 {
			hold >>= e & 63
			held -= uint(e & 63)
			out[op] = byte(e >> 16)
			op++
			e = lengths[hold&(1<<lengthBits-1)]
			if e&literal != 0 {
				hold >>= e & 63
				held -= uint(e & 63)
				out[op] = byte(e >> 16)
				op++
				e = lengths[hold&(1<<lengthBits-1)]
				if e&literal != 0 {
					hold >>= e & 63
					held -= uint(e & 63)
					out[op] = byte(e >> 16)
					op++
					hold |= binary.LittleEndian.Uint64(in[ip:]) << (held & 63)
					ip += int(63-held) >> 3
					held |= 56
					e = lengths[hold&(1<<lengthBits-1)]
					continue
				}
			}
		}
		if e&special != 0 {
			if e&subtable != 0 {
				hold >>= lengthBits
				held -= lengthBits
				e = lengths[(e>>16+uint32(hold)&(1<<(e>>8&15)-1))%uint32(len(lengths))]
			}
			switch {
			case e&literal != 0:
				hold >>= e & 63
				held -= uint(e & 63)
				out[op] = byte(e >> 16)
				op++
				hold |= binary.LittleEndian.Uint64(in[ip:]) << (held & 63)
				ip += int(63-held) >> 3
				held |= 56
				e = lengths[hold&(1<<lengthBits-1)]
				continue
			case e&blockEnd != 0:
				hold >>= e & 63
				held -= uint(e & 63)
				ended = true
				break loop
			case e&special != 0:
				err = ErrFormat
				break loop
			}
		}
		length := int(e>>16) + int(uint32(hold)&(1<<(e&31)-1)>>(e>>8&15))
		hold >>= e & 63
		held -= uint(e & 63)

		hold |= binary.LittleEndian.Uint64(in[ip:]) << (held & 63)
		ip += int(63-held) >> 3
		held |= 56
		e = distances[hold&(1<<distanceBits-1)]
		if e&special != 0 {
			if e&subtable != 0 {
				hold >>= distanceBits
				held -= distanceBits
				e = distances[(e>>16+uint32(hold)&(1<<(e>>8&15)-1))%uint32(len(distances))]
			}
			if e&special != 0 {
				err = ErrFormat
				break loop
			}
		}
		distance := int(e>>16) + int(uint32(hold)&(1<<(e&31)-1)>>(e>>8&15))
		hold >>= e & 63
		held -= uint(e & 63)
		if distance > op-d.begin {
			err = ErrFormat
			break loop
		}
		hold |= binary.LittleEndian.Uint64(in[ip:]) << (held & 63)
		ip += int(63-held) >> 3
		held |= 56
		e = lengths[hold&(1<<lengthBits-1)]
		from, end := op-distance, op+length
		switch {
		case distance >= 8:
			for op < end {
				binary.LittleEndian.PutUint64(out[op:], binary.LittleEndian.Uint64(out[from:]))
				op += 8
				from += 8
			}
			op = end
		case distance == 1:
			run := uint64(out[from]) * 0x0101010101010101
			for op < end {
				binary.LittleEndian.PutUint64(out[op:], run)
				op += 8
			}
			op = end
		default:
			for ; op < end; op++ {
				out[op] = out[from]
				from++
			}
		}
	}
	d.ip, d.op, d.hold, d.held = ip, op, hold, held
	return ended, err
}
