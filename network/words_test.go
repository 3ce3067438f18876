package network

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bootrc/test/bound"
)

// text writes a plan as lines for the tables.
func (p *Plan) text() string {
	var lines []string
	for _, f := range p.Ifaces {
		lines = append(lines, f.text())
	}
	for _, n := range p.Names {
		lines = append(lines, fmt.Sprintf("name %s=%s", n.Name, n.MAC))
	}
	for _, a := range p.DNS {
		lines = append(lines, "dns "+a.String())
	}
	for _, w := range p.Warnings {
		lines = append(lines, "warning "+w)
	}
	return strings.Join(lines, "; ")
}

// The kernel's forms are those of Documentation/admin-guide/nfs/nfsroot.rst, the others those of
// dracut.cmdline(7), with the examples that stand there.
func TestParseWords(t *testing.T) {
	for line, want := range map[string]string{
		"": "any auto", "rd.neednet=1": "any auto", "rd.neednet": "any auto",

		// ip=AUTOCONF
		"ip=dhcp": "any auto", "ip=on": "any auto", "ip=any": "any auto", "ip=both": "any auto", "ip=bootp": "any auto", "ip=rarp": "any auto",
		"ip=single-dhcp": "any auto", "ip=auto6": "any auto6", "ip=dhcp6": "any auto6", "ip=either6": "any auto6", "ip=dhcp,dhcp6": "any auto", "dhcp": "any auto",
		"ip=off": "", "ip=none": "", "ip=": "", "ip=link6": "any", "ip=link-local": "any",
		"ip=ibft":        "any auto; warning ip=ibft: the firmware's table for iSCSI is not read; going on with DHCP",
		"ip=dhcp,1,abcd": "any auto; warning ip=dhcp,1,abcd: the client identifier is not taken from there: write b2c.dhcp=client-id=",
		"ip=BOOTIF":      "BOOTIF auto",

		// ip=INTERFACE:AUTOCONF[:[MTU][:MAC]]
		"ip=eth0:dhcp": "eth0 auto", "ip=eth0:on": "eth0 auto", "ip=eth0:any": "eth0 auto", "ip=eth0:dhcp6": "eth0 auto6",
		"ip=eth0:auto6": "eth0 auto6", "ip=eth0:link6": "eth0", "ip=BOOTIF:dhcp": "BOOTIF auto",
		"ip=eth0:dhcp:9000":                                  "eth0 mtu:9000 auto",
		"ip=eth0:dhcp:9000:02:00:00:00:00:01":                "eth0 mac:02:00:00:00:00:01 mtu:9000 auto",
		"ip=eth0:dhcp::02:00:00:00:00:01":                    "eth0 mac:02:00:00:00:00:01 auto",
		"ip=eth0:dhcp::02-00-00-00-00-01":                    "eth0 mac:02:00:00:00:00:01 auto",
		"ip=enx525400123456:dhcp":                            "enx525400123456 auto; name enx525400123456=52:54:00:12:34:56",
		"ip=eth0:dhcp ip=eth1:auto6 ip=10.0.0.2:::24::eth2":  "eth0 auto; eth1 auto6; eth2 10.0.0.2/24",
		"ip=eth0:dhcp ip=eth0:dhcp6":                         "eth0 auto",
		"ip=[2001:db8::2]:::64::eth0 ip=10.0.0.2:::24::eth0": "eth0 2001:db8::2/64 10.0.0.2/24",

		// ip=CLIENT:SERVER:GATEWAY:NETMASK:HOSTNAME:DEVICE:AUTOCONF:DNS0:DNS1:NTP0
		"ip=10.0.0.2":                                                     "any 10.0.0.2/8",
		"10.0.0.2":                                                        "any 10.0.0.2/8",
		"ip=172.16.0.2::172.16.0.1":                                       "any 172.16.0.2/16 0.0.0.0/0->172.16.0.1",
		"ip=192.168.0.2:::255.255.255.128":                                "any 192.168.0.2/25",
		"ip=192.168.0.2:::25":                                             "any 192.168.0.2/25",
		"ip=10.0.0.2:10.0.0.9:10.0.0.1:255.255.255.0":                     "any 10.0.0.2/24 0.0.0.0/0->10.0.0.1", // a PXELINUX IPAPPEND
		"ip=10.0.0.2::10.0.0.1:255.255.255.0::eth0:off":                   "eth0 10.0.0.2/24 0.0.0.0/0->10.0.0.1",
		"ip=10.0.0.2::10.0.0.1:255.255.255.0::eth0:none":                  "eth0 10.0.0.2/24 0.0.0.0/0->10.0.0.1",
		"ip=10.0.0.2::10.0.0.1:255.255.255.0::eth0:dhcp":                  "eth0 10.0.0.2/24 0.0.0.0/0->10.0.0.1",
		"ip=10.0.0.2:::24::BOOTIF:off":                                    "BOOTIF 10.0.0.2/24",
		"ip=10.0.0.2:0.0.0.0:0.0.0.0:255.255.255.0::eth0:off:0.0.0.0":     "eth0 10.0.0.2/24",
		"ip=[2001:db8::2]::[2001:db8::1]:64::eth0:none":                   "eth0 2001:db8::2/64 ::/0->2001:db8::1",
		"ip=[2001:db8::2]::[fe80::1]:::eth0":                              "eth0 2001:db8::2/64 ::/0->fe80::1",
		"ip=:::::eth0:dhcp":                                               "eth0 auto",
		"ip=:::::eth0":                                                    "eth0 auto",
		"ip=:::::eth0:auto6":                                              "eth0 auto6",
		"ip=:::::eth0:off":                                                "",
		"ip=:::::BOOTIF:dhcp":                                             "BOOTIF auto",
		"ip=::::client.example:eth0:dhcp:9.9.9.9:[2001:db8::53]:10.0.0.9": "eth0 auto dns:9.9.9.9 dns:2001:db8::53 host:client.example",
		"ip=10.0.0.2:::24::eth0:none::9.9.9.9":                            "eth0 10.0.0.2/24 dns:9.9.9.9",

		// ip=CLIENT:PEER:GATEWAY:NETMASK:HOSTNAME:INTERFACE:AUTOCONF:[MTU][:MAC]
		"ip=10.0.0.2:10.0.0.1/32::32:host:eth0:none:1400":    "eth0 mtu:1400 10.0.0.2/32 host:host",
		"ip=10.0.0.2:::24::eth0:none:1400:02:00:00:00:00:01": "eth0 mac:02:00:00:00:00:01 mtu:1400 10.0.0.2/24",
		"ip=10.0.0.2:::24::eth0:none::02:00:00:00:00:01":     "eth0 mac:02:00:00:00:00:01 10.0.0.2/24",
		"ip=10.0.0.2:::24::eth0:none::02-00-00-00-00-01":     "eth0 mac:02:00:00:00:00:01 10.0.0.2/24",
		"ip=:::::eth0:dhcp:1400":                             "eth0 mtu:1400 auto",

		"bond":                                "bond0 bond:eth0+eth1 opts:mode=balance-rr; any auto",
		"bond=":                               "bond0 bond:eth0+eth1 opts:mode=balance-rr; any auto",
		"bond=bond7":                          "bond7 bond:eth0+eth1 opts:mode=balance-rr; any auto",
		"bond=bond0:ens1,ens2":                "bond0 bond:ens1+ens2 opts:mode=balance-rr; any auto",
		"bond=bond0:ens1,ens2: ip=bond0:dhcp": "bond0 bond:ens1+ens2 opts:mode=balance-rr auto",
		"ip=bond0:dhcp bond=bond0:ens1,ens2:mode=802.3ad,miimon=100,lacp_rate=fast:9000": "bond0 bond:ens1+ens2 opts:mode=802.3ad|miimon=100|lacp_rate=fast mtu:9000 auto",
		"bond=b:e1:mode=1,arp_ip_target=10.0.0.1;10.0.0.2 ip=b:dhcp":                     "b bond:e1 opts:mode=1|arp_ip_target=10.0.0.1;10.0.0.2 auto",

		"bridge":                              "br0 bridge:eth0; any auto",
		"bridge=br7:eth0,eth1 ip=br7:dhcp":    "br7 bridge:eth0+eth1 auto",
		"vlan=vlan0005:eth0 ip=vlan0005:dhcp": "vlan0005 vlan: 5@eth0 auto",
		"vlan=vlan5:eth0":                     "vlan5 vlan: 5@eth0; any auto",
		"vlan=eth0.0005:eth0":                 "eth0.0005 vlan: 5@eth0; any auto",
		"vlan=eth0.5:eth0":                    "eth0.5 vlan: 5@eth0; any auto",
		"vlan=bond0.100:bond0 bond=bond0:e1,e2:mode=1 ip=bond0.100:dhcp": "bond0.100 vlan: 100@bond0 auto; bond0 bond:e1+e2 opts:mode=1",

		"ifname=bootnet:52:54:00:12:34:56 ip=bootnet:dhcp":                           "bootnet auto; name bootnet=52:54:00:12:34:56",
		"ifname=bootnet:52-54-00-12-34-56":                                           "any auto; name bootnet=52:54:00:12:34:56",
		"nameserver=9.9.9.9 nameserver=[2001:db8::53]":                               "any auto; dns 9.9.9.9; dns 2001:db8::53",
		"nameserver=2001:db8::53 ip=off":                                             "; dns 2001:db8::53",
		"rd.route=192.168.200.0/24:192.168.100.222:ens10":                            "ens10 auto 192.168.200.0/24->192.168.100.222",
		"rd.route=192.168.200.0/24:192.168.100.222":                                  "any auto 192.168.200.0/24->192.168.100.222",
		"rd.route=192.168.200.0/24::ens10 ip=ens10:dhcp":                             "ens10 auto 192.168.200.0/24->link",
		"rd.route=[2001:DB8:3::/8]:[2001:DB8:2::1]:ens10":                            "ens10 auto 2000::/8->2001:db8:2::1",
		"rd.route=10.0.0.0/255.0.0.0:10.1.1.1":                                       "any auto 10.0.0.0/8->10.1.1.1",
		"rd.route=10.0.0.0/8:10.0.2.1 ip=10.0.1.2:::24::eth0 ip=10.0.2.2:::24::eth1": "eth0 10.0.1.2/24; eth1 10.0.2.2/24 10.0.0.0/8->10.0.2.1",
		"rd.route=default:10.0.1.1 ip=10.0.1.2:::24::eth0":                           "eth0 10.0.1.2/24 0.0.0.0/0->10.0.1.1",
	} {
		p, err := ParseWords(strings.Fields(line))
		if err != nil {
			t.Errorf("%s: %v", line, err)
		} else if got := p.text(); got != strings.TrimPrefix(want, "; ") {
			t.Errorf("%s:\ngot  %s\nwant %s", line, got, want)
		}
	}
}

func TestParseWordsErrors(t *testing.T) {
	for word, want := range map[string]string{
		"ip=dhpc":                                   `ip=dhpc: no IP address, and "dhpc": expected dhcp, on,`,
		"dhpc":                                      `ip=dhpc: no IP address`,
		"ip=10.0.0":                                 `ip=10.0.0: no IP address`,
		"ip=eth0":                                   `ip=eth0: no IP address`,
		"ip=10.0.0.256::":                           `ip=10.0.0.256::: client-ip: "10.0.0.256" is no IP address`,
		"ip=224.0.0.1::":                            `client-ip: 224.0.0.1 is not the address of one host`,
		"ip=10.0.0.2:nfs":                           `server-ip: "nfs" is no IP address`,
		"ip=10.0.0.2::gw":                           `gw-ip: "gw" is no IP address`,
		"ip=10.0.0.2:::255.0.255.0":                 `netmask: "255.0.255.0" is no netmask: its ones are not in one piece`,
		"ip=10.0.0.2:::33":                          `netmask: "33" is neither a netmask nor a prefix length from 1 to 32`,
		"ip=10.0.0.2:::0.0.0.0":                     `netmask: "0.0.0.0" is neither`,
		"ip=[2001:db8::2]:::129":                    `netmask: "129" is neither a netmask nor a prefix length from 1 to 128`,
		"ip=[2001:db8::2]:::255.0.0.0":              `netmask: "255.0.0.0" is neither`,
		"ip=10.0.0.2::::a;b":                        `hostname: name "a;b": bad character ';'`,
		"ip=10.0.0.2:::::a/b":                       `device: "a/b" is no interface name`,
		"ip=a/b:dhcp":                               `device: "a/b" is no interface name`,
		"ip=10.0.0.2:::::eth0:maybe":                `autoconf: "maybe": expected`,
		"ip=10.0.0.2:::::eth0:off:x":                `dns0-ip: "x" is no IP address`,
		"ip=10.0.0.2:::::eth0:off::x":               `dns1-ip: "x" is no IP address`,
		"ip=10.0.0.2:::::eth0:off:::x":              `ntp0-ip: "x" is no IP address`,
		"ip=::::::::::::::":                         `15 fields, and at most 14 are possible`,
		"ip=2001:db8::2":                            `client-ip: "2001" is no IP address`,
		"ip=[2001:db8::2":                           `unpaired bracket`,
		"ip=2001:db8::2]":                           `unpaired bracket`,
		"ip=[[::1]]":                                `unpaired bracket`,
		"ip=10.0.0.2::[fe80::1]":                    `gw-ip: fe80::1 is not of the family of 10.0.0.2`,
		"ip=eth0:dhcp:big":                          `mtu: "big" is no number from 68 to 65535`,
		"ip=eth0:dhcp:1500:52:54":                   `"52:54" is no hardware address`,
		"ip=eth0:dhcp:1500:1:2:3:4:5:6:7:8:9:10:11": `"1:2:3:4:5:6:7:8:9:10:11" is no hardware address`,

		"team=team0:eth0,eth1:activebackup": `team=team0:eth0,eth1:activebackup: there are no teams here`,
		"team":                              `team: there are no teams here`,
		"bond=a/b":                          `bond=a/b: "a/b" is no interface name`,
		"bond=bond0:a,,b":                   `"" is no interface name`,
		"bond=bond0:a,b:mode":               `"mode" is not OPTION=VALUE`,
		"bond=bond0:a,b:mode=1:huge":        `mtu: "huge" is no number`,
		"bond=bond0:a,b:mode=1:1500:x":      `5 fields, and at most 4 are possible`,
		"bond=any:a,b":                      `any names a card that is there`,
		"bond=bond0:bond0":                  `it cannot be made of itself`,
		"bridge=br0:eth0:x":                 `3 fields, and at most 2 are possible`,
		"vlan":                              `vlan: "" is not NAME:INTERFACE`,
		"vlan=eth0.5":                       `"eth0.5" is not NAME:INTERFACE`,
		"vlan=lan:eth0":                     `"" is no number from 1 to 4094`,
		"vlan=vlan4095:eth0":                `"4095" is no number from 1 to 4094`,
		"vlan=vlan0:eth0":                   `"" is no number from 1 to 4094`,
		"vlan=vlan5:":                       `"" is no interface name`,
		"ifname=lan0":                       `ifname=lan0: "" is no hardware address`,
		"ifname=a/b:52:54:00:12:34:56":      `"a/b" is no interface name`,
		"nameserver":                        `nameserver: "" is no IP address`,
		"nameserver=dns.example":            `"dns.example" is no IP address`,
		"rd.route=10.0.0.0/8":               `rd.route=10.0.0.0/8: it needs a gateway or an interface`,
		"rd.route":                          `"" is not ADDRESS/LENGTH`,
		"rd.route=10.0.0.0/8:fe80::1:eth0":  `5 fields`,
		"rd.route=10.0.0.0/8:[fe80::1]":     `10.0.0.0/8 and fe80::1 are of different families`,
		"rd.route=10.0.0.0/8:gw":            `"gw" is no IP address`,
		"rd.route=10.0.0.0/8:10.1.1.1:a/b":  `"a/b" is no interface name`,
	} {
		p, err := ParseWords([]string{word})
		if err == nil {
			t.Errorf("%s: no error, but %s", word, p.text())
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\ngot  %v\nwant %s", word, err, want)
		}
	}
	if _, err := ParseWords([]string{"ip=10.0.0.2:::24::eth0", "rd.route=10.9.0.0/16:10.8.0.1"}); err == nil || !strings.Contains(err.Error(), "no interface leads to 10.8.0.1") {
		t.Errorf("a route that leads nowhere: %v", err)
	}
	if _, err := ParseWords([]string{"bond=x:eth0", "bridge=x:eth1"}); err == nil || !strings.Contains(err.Error(), "it is a bond already") {
		t.Errorf("a bond and a bridge of one name: %v", err)
	}
}

func TestParseBooted(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "01-52-54-00-12-34-56": "52:54:00:12:34:56", "52:54:00:12:34:56": "52:54:00:12:34:56", "52-54-00-12-34-56": "52:54:00:12:34:56",
		"01-52-54": "BOOTIF=01-52-54: expected a hardware address, such as 01-52-54-00-12-34-56", "01-52-54-00-12-34-5g": "BOOTIF=01-52-54-00-12-34-5g: expected a hardware address, such as 01-52-54-00-12-34-56",
	} {
		mac, err := ParseBooted(text)
		got := mac.String()
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// Whatever is accepted has addresses that a host can have, and names that can be written to files.
func FuzzParseWords(f *testing.F) {
	f.Add("ip=10.0.0.2::10.0.0.1:255.255.255.0:host:eth0:off:9.9.9.9:8.8.8.8:10.0.0.9 nameserver=9.9.9.9")
	f.Add("ip=[2001:db8::2]::[fe80::1]:64::eth0:none rd.route=10.0.0.0/8::eth0")
	f.Add("bond=bond0:eth0,eth1:mode=1,miimon=100:9000 vlan=bond0.5:bond0 bridge ifname=a:52:54:00:12:34:56")
	f.Add("ip=eth0:dhcp:1500:52:54:00:12:34:56")
	f.Fuzz(func(t *testing.T, line string) {
		bound.Input(t, len(line))
		p, err := ParseWords(strings.Fields(line))
		if err != nil {
			return
		}
		for _, i := range p.Ifaces {
			for _, a := range i.Addresses {
				if a.Bits() < 1 || a.Addr().IsUnspecified() || a.Addr().IsMulticast() {
					t.Errorf("%q: address %v", line, a)
				}
			}
			for _, name := range slices.Concat([]string{i.Name}, i.Ports) {
				if checkDevice(name) != nil {
					t.Errorf("%q: name %q", line, name)
				}
			}
			if i.Hostname != "" && checkDomain(i.Hostname) != nil {
				t.Errorf("%q: host name %q", line, i.Hostname)
			}
			if i.Kind == "vlan" && checkDevice(i.Parent) != nil {
				t.Errorf("%q: on %q", line, i.Parent)
			}
		}
	})
}

func TestParsePNP(t *testing.T) {
	for content, want := range map[string]string{
		"#MANUAL\n": "[] []",
		"#PROTO: DHCP\ndomain example.test\nnameserver 10.0.2.3\nnameserver 10.0.2.4\nbootserver 10.0.2.2\n": "[10.0.2.3 10.0.2.4] [example.test]",
		"nameserver 0.0.0.0\nnameserver x\nnameserver\ndomain a;b\n":                                         "[] []",
		"": "[] []",
	} {
		servers, search := parsePNP(content)
		if got := fmt.Sprint(servers, search); got != want {
			t.Errorf("%q: %s, want %s", content, got, want)
		}
	}
}
