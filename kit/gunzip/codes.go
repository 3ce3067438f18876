package gunzip

import "encoding/binary"

// codes reads 8 bytes up to three times in each turn of its loop, and writes at most two literals and
// one match, which it copies 8 bytes at a time.
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
	ip, hold, held = refill(in, ip, hold, held)
	e := lengths[hold%(1<<lengthBits)]
loop:
	for ip < inputEnd && op <= outputEnd {
		if e&literal != 0 {
			hold, held = consume(hold, held, e)
			out[op] = byte(e >> 16)
			op++
			e = lengths[hold%(1<<lengthBits)]
			if e&literal != 0 {
				hold, held = consume(hold, held, e)
				out[op] = byte(e >> 16)
				op++
				e = lengths[hold%(1<<lengthBits)]
				if e&literal != 0 {
					hold, held = consume(hold, held, e)
					out[op] = byte(e >> 16)
					op++
					ip, hold, held = refill(in, ip, hold, held)
					e = lengths[hold%(1<<lengthBits)]
					continue
				}
			}
		}
		if e&special != 0 {
			if e&subtable != 0 {
				hold >>= lengthBits
				held -= lengthBits
				e = lengths[subIndex(hold, e)%uint32(len(lengths))]
			}
			switch {
			case e&literal != 0:
				hold, held = consume(hold, held, e)
				out[op] = byte(e >> 16)
				op++
				ip, hold, held = refill(in, ip, hold, held)
				e = lengths[hold%(1<<lengthBits)]
				continue
			case e&blockEnd != 0:
				hold, held = consume(hold, held, e)
				ended = true
				break loop
			case e&special != 0:
				err = ErrFormat
				break loop
			}
		}
		length := value(hold, e)
		hold, held = consume(hold, held, e)
		ip, hold, held = refill(in, ip, hold, held)
		e = distances[hold%(1<<distanceBits)]
		if e&special != 0 {
			if e&subtable != 0 {
				hold >>= distanceBits
				held -= distanceBits
				e = distances[subIndex(hold, e)%uint32(len(distances))]
			}
			if e&special != 0 {
				err = ErrFormat
				break loop
			}
		}
		distance := value(hold, e)
		hold, held = consume(hold, held, e)
		if distance > op-d.begin {
			err = ErrFormat
			break loop
		}
		ip, hold, held = refill(in, ip, hold, held)
		e = lengths[hold%(1<<lengthBits)]
		copyMatch(out, op, distance, length)
		op += length
	}
	d.ip, d.op, d.hold, d.held = ip, op, hold, held
	return ended, err
}

// copyMatch copies a match to where it ends what is decoded so far.
func copyMatch(out []byte, op, distance, length int) {
	from, end := op-distance, op+length
	switch {
	case distance >= 8:
		for ; op < end; op, from = op+8, from+8 {
			binary.LittleEndian.PutUint64(out[op:], binary.LittleEndian.Uint64(out[from:]))
		}
	case distance == 1:
		run := uint64(out[from]) * 0x0101010101010101
		for ; op < end; op += 8 {
			binary.LittleEndian.PutUint64(out[op:], run)
		}
	default:
		for ; op < end; op, from = op+1, from+1 {
			out[op] = out[from]
		}
	}
}

// refill has at least 56 bits in hold.
func refill(in []byte, ip int, hold uint64, held uint) (int, uint64, uint) {
	return ip + int(63-held)>>3, hold | binary.LittleEndian.Uint64(in[ip:])<<(held&63), held | 56
}

func consume(hold uint64, held uint, e entry) (uint64, uint) {
	return hold >> (e & 63), held - uint(e&63)
}

// subIndex is where a subtable has what the next bits mean.
func subIndex(hold uint64, e entry) uint32 {
	return e>>16 + uint32(hold)&(1<<(e>>8&15)-1)
}

// value is a length or distance: the least that its code stands for, and the extra bits behind the code.
func value(hold uint64, e entry) int {
	return int(e>>16) + int(uint32(hold)&(1<<(e&31)-1)>>(e>>8&15))
}
