package nbd

import (
	"encoding/binary"
	"fmt"
	"os"
	"time"

	"bootrc/kit/kconfig"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// The numbers of the kernel's interface: linux/nbd-netlink.h.
const (
	familyName    = "nbd"
	familyVersion = 1

	commandConnect     = 1
	commandDisconnect  = 2
	commandReconfigure = 3

	attributeIndex       = 1
	attributeSize        = 2
	attributeBlockSize   = 3
	attributeTimeout     = 4
	attributeServerFlags = 5
	attributeSockets     = 7
	attributeDeadTimeout = 8

	socketItem = 1
	socketFd   = 1
)

// smallestBlock is the kernel's sector: what file systems and partition tables on
// an image were made for.
const smallestBlock = 512

// connectDevice gives the sockets to the driver. When none works any more, it holds requests
// back for patience.
func connectDevice(index uint32, e export, patience time.Duration, sockets []*os.File) error {
	return request(commandConnect,
		nl.NewRtAttr(attributeIndex, nl.Uint32Attr(index)),
		number(attributeSize, e.size),
		number(attributeBlockSize, uint64(max(e.blockSize, smallestBlock))),
		number(attributeTimeout, uint64(requestLimit/time.Second)),
		number(attributeDeadTimeout, uint64(patience/time.Second)),
		number(attributeServerFlags, uint64(e.flags)),
		socketList(sockets),
	)
}

// reconnectDevice gives the driver a socket in place of one that does not work any more.
func reconnectDevice(index uint32, socket *os.File) error {
	return request(commandReconfigure, nl.NewRtAttr(attributeIndex, nl.Uint32Attr(index)), socketList([]*os.File{socket}))
}

func socketList(sockets []*os.File) *nl.RtAttr {
	all := nl.NewRtAttr(attributeSockets|unix.NLA_F_NESTED, nil)
	for _, socket := range sockets {
		item := all.AddRtAttr(socketItem|unix.NLA_F_NESTED, nil)
		item.AddRtAttr(socketFd, nl.Uint32Attr(uint32(socket.Fd())))
	}
	return all
}

func disconnectDevice(index uint32) error {
	return request(commandDisconnect, nl.NewRtAttr(attributeIndex, nl.Uint32Attr(index)))
}

func number(attribute int, value uint64) *nl.RtAttr {
	return nl.NewRtAttr(attribute, binary.NativeEndian.AppendUint64(nil, value))
}

// request sends one command to the driver and waits for its acknowledgement.
func request(command uint8, attributes ...*nl.RtAttr) error {
	family, err := netlink.GenlFamilyGet(familyName)
	if err != nil {
		return fmt.Errorf("%w (%w)", kconfig.LacksModule("network block devices", "BLK_DEV_NBD"), err)
	}
	r := nl.NewNetlinkRequest(int(family.ID), unix.NLM_F_ACK)
	r.AddData(&nl.Genlmsg{Command: command, Version: familyVersion})
	for _, a := range attributes {
		r.AddData(a)
	}
	_, err = r.Execute(unix.NETLINK_GENERIC, 0)
	return err
}
