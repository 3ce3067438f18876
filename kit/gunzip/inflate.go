package gunzip

import "io"

const (
	history  = 32 << 10 // how far back a match may lie: RFC 1951, 2
	inputLen = 64 << 10
	room     = 192 << 10
)

// inflater reads DEFLATE data (RFC 1951). What is decoded waits in out between taken and op; what
// lies before it is the history that matches refer to.
type inflater struct {
	source io.Reader
	in     []byte // filled up to filled, and some zeroes behind that
	ip     int    // the next byte that is not in hold
	filled int
	eof    bool
	hold   uint64 // bits that were read and not consumed, the next one lowest; above held bits, some of the next
	held   uint

	out   []byte
	begin int // where the stream's first byte lies, or of the history, if less
	taken int
	op    int

	lengths   lengthTable
	distances distanceTable
	pre       preTable
	stage     func(*inflater) error // decodes some more
	last      bool                  // the block is the stream's last
	stored    int                   // bytes of a stored block that are still to come
}

func newInflater(source io.Reader) *inflater {
	d := &inflater{source: source, in: make([]byte, 8+inputLen+inputSlack), out: make([]byte, history+room+outputSlack)}
	d.ip, d.filled = 8, 8
	return d
}

// reset begins a stream at the next byte.
func (d *inflater) reset() {
	d.begin, d.last, d.stage = d.op, false, (*inflater).block
}

// inputEnd is where codes has to stop: before bytes that have not come yet, or, when all have, where
// it has read more than there were.
func (d *inflater) inputEnd() int {
	if d.eof {
		return d.filled + 8
	}
	return d.filled - inputSlack
}

// more reads input, and keeps the 8 bytes before the next: some of them may be in hold.
func (d *inflater) more() error {
	if d.eof {
		return nil
	}
	start := max(d.ip-8, 0)
	d.filled = copy(d.in, d.in[start:d.filled])
	d.ip -= start
	for tries := 0; ; tries++ {
		n, err := d.source.Read(d.in[d.filled : len(d.in)-inputSlack])
		d.filled += n
		if err == io.EOF {
			d.eof = true
			clear(d.in[d.filled : d.filled+inputSlack])
			return nil
		}
		if err != nil {
			return err
		}
		if n > 0 {
			return nil
		}
		if tries == 100 {
			return io.ErrNoProgress
		}
	}
}

// atEnd tells whether all input is in hold or consumed.
func (d *inflater) atEnd() (bool, error) {
	if d.ip < d.filled {
		return false, nil
	}
	err := d.more()
	return d.ip >= d.filled, err
}

// need has at least n of up to 56 bits in hold.
func (d *inflater) need(n uint) error {
	for d.held < n {
		if ended, err := d.atEnd(); err != nil {
			return err
		} else if ended {
			return io.ErrUnexpectedEOF
		}
		d.hold = d.hold&(1<<d.held-1) | uint64(d.in[d.ip])<<d.held
		d.ip++
		d.held += 8
	}
	return nil
}

// bits consumes n bits.
func (d *inflater) bits(n uint) (int, error) {
	if err := d.need(n); err != nil {
		return 0, err
	}
	v := int(d.hold & (1<<n - 1))
	d.hold >>= n
	d.held -= n
	return v, nil
}

// align gives back what is in hold but the rest of the last byte, which it drops.
func (d *inflater) align() error {
	d.ip -= int(d.held / 8)
	d.hold, d.held = 0, 0
	if d.ip > d.filled {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// decode decodes until there is something to take, or the stream has ended: io.EOF.
func (d *inflater) decode() error {
	for d.taken == d.op {
		if d.stage == nil {
			return io.EOF
		}
		if len(d.out)-outputSlack < d.op {
			d.slide()
		}
		if err := d.stage(d); err != nil {
			return err
		}
	}
	return nil
}

// ready is what was decoded and not taken.
func (d *inflater) ready() []byte { return d.out[d.taken:d.op] }

// slide makes room. The history is what remains, and there is nothing else: all was taken.
func (d *inflater) slide() {
	kept := d.op - max(d.begin, d.op-history)
	copy(d.out, d.out[d.op-kept:d.op])
	d.begin, d.taken, d.op = 0, kept, kept
}

// block reads the head of a block, or ends the stream: RFC 1951, 3.2.3.
func (d *inflater) block() error {
	if d.last {
		d.stage = nil
		return d.align()
	}
	head, err := d.bits(3)
	if err != nil {
		return err
	}
	d.last = head&1 != 0
	switch head >> 1 {
	case 0:
		return d.beginStored()
	case 1:
		d.beginFixed()
		return nil
	case 2:
		return d.beginDynamic()
	}
	return ErrFormat
}

// beginStored is RFC 1951, 3.2.4.
func (d *inflater) beginStored() error {
	if err := d.align(); err != nil {
		return err
	}
	sizes, err := d.bits(32)
	if err != nil {
		return err
	}
	d.stored = sizes & 0xffff
	if d.stored != ^sizes>>16&0xffff {
		return ErrFormat
	}
	d.stage = (*inflater).copyStored
	return d.align()
}

func (d *inflater) copyStored() error {
	if d.stored == 0 {
		d.stage = (*inflater).block
		return nil
	}
	if ended, err := d.atEnd(); err != nil {
		return err
	} else if ended {
		return io.ErrUnexpectedEOF
	}
	n := copy(d.out[d.op:], d.in[d.ip:min(d.filled, d.ip+d.stored)])
	d.ip += n
	d.op += n
	d.stored -= n
	return nil
}

// beginFixed is RFC 1951, 3.2.6.
func (d *inflater) beginFixed() {
	var codeBits [288]uint8
	for i := range codeBits {
		switch {
		case i < 144:
			codeBits[i] = 8
		case i < 256:
			codeBits[i] = 9
		case i < 280:
			codeBits[i] = 7
		default:
			codeBits[i] = 8
		}
	}
	build(d.lengths[:], lengths[:], lengthBits, codeBits[:])
	for i := range 32 {
		codeBits[i] = 5
	}
	build(d.distances[:], distances[:], distanceBits, codeBits[:32])
	d.stage = (*inflater).compressed
}

// order is that of the codes' lengths of the codes of codes' lengths.
var order = [...]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// beginDynamic is RFC 1951, 3.2.7.
func (d *inflater) beginDynamic() error {
	counts, err := d.bits(14)
	if err != nil {
		return err
	}
	nlengths, ndistances, npre := counts&31+257, counts>>5&31+1, counts>>10+4
	if nlengths > 286 || ndistances > 30 {
		return ErrFormat
	}
	var pre [19]uint8
	for _, symbol := range order[:npre] {
		n, err := d.bits(3)
		if err != nil {
			return err
		}
		pre[symbol] = uint8(n)
	}
	if !build(d.pre[:], plain[:], preBits, pre[:]) {
		return ErrFormat
	}
	var codeBits [286 + 30]uint8
	if err := d.codeLengths(codeBits[:nlengths+ndistances]); err != nil {
		return err
	}
	if codeBits[256] == 0 ||
		!build(d.lengths[:], lengths[:], lengthBits, codeBits[:nlengths]) ||
		!build(d.distances[:], distances[:], distanceBits, codeBits[nlengths:nlengths+ndistances]) {
		return ErrFormat
	}
	d.stage = (*inflater).compressed
	return nil
}

// repeats are the symbols from 16 on: what is repeated how often.
var repeats = [3]struct {
	bits  uint
	least int
}{{2, 3}, {3, 3}, {7, 11}}

// codeLengths reads how many bits each symbol's code has.
func (d *inflater) codeLengths(codeBits []uint8) error {
	for i := 0; i < len(codeBits); {
		// the last of the block's codes may be shorter than any of these
		if err := d.need(preBits); err != nil && err != io.ErrUnexpectedEOF {
			return err
		}
		e := d.pre[d.hold&(1<<preBits-1)]
		if e&special != 0 {
			return ErrFormat
		}
		if _, err := d.bits(uint(e & 15)); err != nil {
			return err
		}
		symbol := uint8(e >> 16)
		if symbol < 16 {
			codeBits[i] = symbol
			i++
			continue
		}
		repeat := repeats[symbol-16]
		n, err := d.bits(repeat.bits)
		if err != nil {
			return err
		}
		n += repeat.least
		if n > len(codeBits)-i || symbol == 16 && i == 0 {
			return ErrFormat
		}
		if symbol == 16 {
			for j := range n {
				codeBits[i+j] = codeBits[i-1]
			}
		}
		i += n
	}
	return nil
}

func (d *inflater) compressed() error {
	if d.ip >= d.inputEnd() {
		if d.eof {
			return io.ErrUnexpectedEOF
		}
		return d.more()
	}
	ended, err := d.codes()
	if ended {
		d.stage = (*inflater).block
	} else if err != nil && d.ip > d.filled || d.ip-int(d.held/8) > d.filled {
		err = io.ErrUnexpectedEOF
	}
	return err
}
