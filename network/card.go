package network

import (
	"fmt"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// setAddress gives a card its hardware address. While it is up, most drivers refuse.
func (c Card) setAddress(link netlink.Link) error {
	if c.MAC == nil {
		return nil
	}
	err := netlink.LinkSetDown(link)
	if err == nil {
		err = netlink.LinkSetHardwareAddr(link, c.MAC)
	}
	if err != nil {
		return fmt.Errorf("give %s the hardware address %s: %w", link.Attrs().Name, c.MAC, err)
	}
	return nil
}

// setMode sets how fast a card sends (Documentation/networking/ethtool-netlink.rst, LINKMODES_SET). With autonegotiation,
// what the kernel is told of speed and duplex is all that the card offers. The card must be
// up: some drivers have no link to speak of before.
func (c Card) setMode(link netlink.Link) error {
	if c.Speed == 0 && c.Duplex == "" && c.Autoneg == "" {
		return nil
	}
	family, err := netlink.GenlFamilyGet(unix.ETHTOOL_GENL_NAME)
	if err == nil {
		err = c.requestMode(link, int(family.ID))
	}
	if err != nil {
		return fmt.Errorf("set speed %d, duplex %q, autoneg %q of %s: %w", c.Speed, c.Duplex, c.Autoneg, link.Attrs().Name, err)
	}
	return nil
}

func (c Card) requestMode(link netlink.Link, family int) error {
	request := nl.NewNetlinkRequest(family, unix.NLM_F_ACK)
	request.AddData(&nl.Genlmsg{Command: unix.ETHTOOL_MSG_LINKMODES_SET, Version: unix.ETHTOOL_GENL_VERSION})
	header := nl.NewRtAttr(unix.NLA_F_NESTED|unix.ETHTOOL_A_LINKMODES_HEADER, nil)
	header.AddRtAttr(unix.ETHTOOL_A_HEADER_DEV_NAME, nl.ZeroTerminated(link.Attrs().Name))
	request.AddData(header)
	if c.Autoneg != "" {
		request.AddData(nl.NewRtAttr(unix.ETHTOOL_A_LINKMODES_AUTONEG, []byte{flagOf(c.Autoneg == "on")}))
	}
	if c.Speed != 0 {
		request.AddData(nl.NewRtAttr(unix.ETHTOOL_A_LINKMODES_SPEED, nl.Uint32Attr(uint32(c.Speed))))
	}
	if c.Duplex != "" { // DUPLEX_HALF and DUPLEX_FULL of linux/ethtool.h
		request.AddData(nl.NewRtAttr(unix.ETHTOOL_A_LINKMODES_DUPLEX, []byte{flagOf(c.Duplex == "full")}))
	}
	_, err := request.Execute(unix.NETLINK_GENERIC, 0)
	return err
}

func flagOf(b bool) byte {
	if b {
		return 1
	}
	return 0
}
