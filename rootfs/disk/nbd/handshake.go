package nbd

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// The numbers of the NBD protocol: doc/proto.md, "Newstyle negotiation", "Option
// types" and "Option reply types".
const (
	initMagic   = 0x4e42444d41474943 // NBDMAGIC
	optionMagic = 0x49484156454f5054 // IHAVEOPT
	replyMagic  = 0x3e889045565a9

	flagFixedNewstyle = 1 << 0
	flagNoZeroes      = 1 << 1

	optionExportName = 1
	optionGo         = 7

	replyAck         = 1
	replyInfo        = 3
	replyError       = 1 << 31
	replyUnsupported = replyError + 1

	infoExport    = 0
	infoBlockSize = 3

	// maxReply is the most bytes that an option's reply may have.
	maxReply = 64 << 10
)

// The flags of an export: doc/proto.md, "Transmission flags".
const (
	flagReadOnly  = 1 << 1
	flagMultiConn = 1 << 8
)

// export is what a server says of what it exports.
type export struct {
	size      uint64
	flags     uint16
	blockSize uint32 // the smallest that it takes, 0 if it does not say
}

// refusals are the names of the errors that servers reply with.
var refusals = map[uint32]string{
	replyError + 1: "it does not support the request",
	replyError + 2: "its policy forbids it",
	replyError + 3: "it takes the request for invalid",
	replyError + 4: "its platform does not support the request",
	replyError + 5: "it wants TLS",
	replyError + 6: "it has no such export",
	replyError + 7: "it is shutting down",
	replyError + 8: "it wants to agree on block sizes",
	replyError + 9: "the request is too big for it",
}

// negotiate brings a new connection into the transmission phase of the export.
func negotiate(conn net.Conn, name string) (export, error) {
	noZeroes, err := greet(conn)
	if err != nil {
		return export{}, err
	}
	if err := sendGo(conn, name); err != nil {
		return export{}, err
	}
	var e export
	for {
		kind, data, err := readReply(conn)
		switch {
		case err != nil:
			return export{}, err
		case kind == replyInfo:
			e.learn(data)
		case kind == replyAck && e.size == 0:
			return export{}, errors.New("its export is empty")
		case kind == replyAck:
			return e, nil
		case kind == replyUnsupported:
			return enter(conn, name, noZeroes)
		case kind&replyError != 0:
			return export{}, refused(kind, data)
		}
	}
}

// greet reads the server's greeting and answers it.
func greet(conn net.Conn) (noZeroes bool, err error) {
	var greeting struct {
		Init, Option uint64
		Flags        uint16
	}
	if err := binary.Read(conn, binary.BigEndian, &greeting); err != nil {
		return false, plain(err)
	}
	if greeting.Init != initMagic || greeting.Option != optionMagic {
		return false, errors.New("it does not speak NBD, or only its old style")
	}
	if greeting.Flags&flagFixedNewstyle == 0 {
		return false, errors.New("it does not speak NBD's fixed new style")
	}
	ours := uint32(greeting.Flags & (flagFixedNewstyle | flagNoZeroes))
	return ours&flagNoZeroes != 0, binary.Write(conn, binary.BigEndian, ours)
}

// sendGo asks for the export, and to be told its smallest block.
func sendGo(conn net.Conn, name string) error {
	data := binary.BigEndian.AppendUint32(nil, uint32(len(name)))
	data = append(data, name...)
	data = binary.BigEndian.AppendUint16(data, 1)
	data = binary.BigEndian.AppendUint16(data, infoBlockSize)
	return sendOption(conn, optionGo, data)
}

func sendOption(conn net.Conn, option uint32, data []byte) error {
	packet := binary.BigEndian.AppendUint64(nil, optionMagic)
	packet = binary.BigEndian.AppendUint32(packet, option)
	packet = binary.BigEndian.AppendUint32(packet, uint32(len(data)))
	_, err := conn.Write(append(packet, data...))
	return plain(err)
}

func readReply(conn net.Conn) (kind uint32, data []byte, err error) {
	var header struct {
		Magic                uint64
		Option, Kind, Length uint32
	}
	if err := binary.Read(conn, binary.BigEndian, &header); err != nil {
		return 0, nil, plain(err)
	}
	if header.Magic != replyMagic || header.Option != optionGo || header.Length > maxReply {
		return 0, nil, errors.New("its reply is no NBD")
	}
	data = make([]byte, header.Length)
	if _, err := io.ReadFull(conn, data); err != nil {
		return 0, nil, plain(err)
	}
	return header.Kind, data, nil
}

// learn takes over what a reply tells of the export.
func (e *export) learn(info []byte) {
	if len(info) < 2 {
		return
	}
	kind, info := binary.BigEndian.Uint16(info), info[2:]
	switch {
	case kind == infoExport && len(info) == 10:
		e.size, e.flags = binary.BigEndian.Uint64(info), binary.BigEndian.Uint16(info[8:])
	case kind == infoBlockSize && len(info) == 12:
		e.blockSize = binary.BigEndian.Uint32(info)
	}
}

// enter asks for the export as servers without NBD_OPT_GO understand it. They end the
// connection if they have no export of that name.
func enter(conn net.Conn, name string, noZeroes bool) (export, error) {
	if err := sendOption(conn, optionExportName, []byte(name)); err != nil {
		return export{}, err
	}
	var answer struct {
		Size  uint64
		Flags uint16
	}
	if err := binary.Read(conn, binary.BigEndian, &answer); err != nil {
		return export{}, refused(replyError+6, nil)
	}
	if !noZeroes {
		if _, err := io.CopyN(io.Discard, conn, 124); err != nil {
			return export{}, plain(err)
		}
	}
	if answer.Size == 0 {
		return export{}, errors.New("its export is empty")
	}
	return export{size: answer.Size, flags: answer.Flags}, nil
}

// refused says why a server refuses, in its own words if it has some.
func refused(kind uint32, words []byte) error {
	reason := refusals[kind]
	if reason == "" {
		reason = fmt.Sprintf("it refuses, with error %#x", kind)
	}
	if len(words) > 0 {
		reason += fmt.Sprintf(": %q", words)
	}
	return errors.New(reason)
}

// plain says in a person's words what is wrong with a connection.
func plain(err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, unix.ECONNRESET), errors.Is(err, unix.EPIPE):
		return errors.New("it ended the connection")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errors.New("it does not answer, or not as NBD does")
	}
	return err
}
