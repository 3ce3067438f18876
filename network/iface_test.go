package network

import (
	"fmt"
	"strings"
	"testing"

	"bootrc/test/bound"
)

// text writes an Iface as one line for the tables.
func (f *Iface) text() string {
	words := []string{f.Name}
	add := func(given bool, form string, values ...any) {
		if given {
			words = append(words, fmt.Sprintf(form, values...))
		}
	}
	add(f.Match != nil, "match:%s", f.Match)
	add(f.Kind != "", "%s:%s", f.Kind, strings.Join(f.Ports, "+"))
	add(f.VLAN != 0, "%d@%s", f.VLAN, f.Parent)
	add(len(f.Opts) > 0, "opts:%s", strings.Join(f.Opts, "|"))
	add(f.Card.MAC != nil, "mac:%s", f.Card.MAC)
	add(f.Card.MTU != 0, "mtu:%d", f.Card.MTU)
	add(f.Card.Speed != 0, "speed:%d", f.Card.Speed)
	add(f.Card.Duplex != "", "duplex:%s", f.Card.Duplex)
	add(f.Card.Autoneg != "", "autoneg:%s", f.Card.Autoneg)
	add(f.Auto && !f.OnlyIPv6, "auto")
	add(f.OnlyIPv6, "auto6")
	for _, a := range f.Addresses {
		add(true, "%s", a)
	}
	for _, r := range f.Routes {
		via := "link"
		if r.Via.IsValid() {
			via = r.Via.String()
		}
		add(true, "%s->%s", r.Dst, via)
	}
	for _, a := range f.DNS {
		add(true, "dns:%s", a)
	}
	for _, d := range f.Search {
		add(true, "search:%s", d)
	}
	add(f.Hostname != "", "host:%s", f.Hostname)
	add(f.Forward, "forward")
	for _, word := range f.Unknown {
		add(true, "unknown:%s", word)
	}
	return strings.Join(words, " ")
}

func TestParseIface(t *testing.T) {
	for spec, want := range map[string]string{
		"eth0":                      "eth0",
		"eth0,auto":                 "eth0 auto",
		"eth0,":                     "eth0",
		"eth0,,dhcp,":               "eth0 auto",
		"eth0,dhcp":                 "eth0 auto",
		"eth0,dchp":                 "eth0 unknown:dchp",
		"eth0,metric=9,dhcp,=,Dhcp": "eth0 auto unknown:metric=9 unknown:= unknown:Dhcp",
		"eth0,auto6":                "eth0 auto6",
		"eth0,auto6,dhcp":           "eth0 auto",
		"eth0,dhcp,auto6":           "eth0 auto",
		"any,dhcp":                  "any auto",
		"BOOTIF,dhcp,search=a.test": "BOOTIF auto search:a.test",
		"eth0,mtu=9000,mac=02-00-00-00-00-01,speed=100,duplex=full,autoneg=off":                         "eth0 mac:02:00:00:00:00:01 mtu:9000 speed:100 duplex:full autoneg:off",
		"lan0,match=52:54:00:12:34:56,dhcp":                                                             "lan0 match:52:54:00:12:34:56 auto",
		"bond0,bond=eth0|eth1,opts=miimon=100|mode=802.3ad,dhcp":                                        "bond0 bond:eth0+eth1 opts:miimon=100|mode=802.3ad auto",
		"bond0,opts=mode=1,opts=primary=eth0,bond=eth0":                                                 "bond0 bond:eth0 opts:mode=1|primary=eth0",
		"br0,bridge=eth0|eth1,address=192.0.2.7/24":                                                     "br0 bridge:eth0+eth1 192.0.2.7/24",
		"bond0.5,vlan=5:bond0":                                                                          "bond0.5 vlan: 5@bond0",
		"eth0,address=192.168.0.2/24,gateway=192.168.0.1,nameserver=9.9.9.9,nameserver=1.1.1.1,forward": "eth0 192.168.0.2/24 0.0.0.0/0->192.168.0.1 dns:9.9.9.9 dns:1.1.1.1 forward",
		"eth0,address=192.168.0.2":                                                                      "eth0 192.168.0.2/32",
		"eth0,address=2001:db8::2/64,dhcp":                                                              "eth0 auto 2001:db8::2/64",
		"eth0,address=[2001:db8::2]/64":                                                                 "eth0 2001:db8::2/64",
		"eth0,address=[2001:db8::2/64]":                                                                 "eth0 2001:db8::2/64",
		"eth0,gateway=fe80::1,gateway=10.0.0.1":                                                         "eth0 ::/0->fe80::1 0.0.0.0/0->10.0.0.1",
		"eth0,nameserver=[2001:db8::53]":                                                                "eth0 dns:2001:db8::53",

		"eth0,route=10.0.0.0/8:10.1.1.1,route=192.0.2.7:10.1.1.2": "eth0 10.0.0.0/8->10.1.1.1 192.0.2.7/32->10.1.1.2",
		"eth0,route=10.1.2.3/8:10.1.1.1":                          "eth0 10.0.0.0/8->10.1.1.1",
		"eth0,route=default:10.1.1.1":                             "eth0 0.0.0.0/0->10.1.1.1",
		"eth0,route=default:fe80::1":                              "eth0 ::/0->fe80::1",
		"eth0,route=default:[fe80::1]":                            "eth0 ::/0->fe80::1",
		"eth0,route=[2001:db8::/32]:[fe80::1]":                    "eth0 2001:db8::/32->fe80::1",
		"eth0,route=[2001:db8::]/32:[fe80::1]":                    "eth0 2001:db8::/32->fe80::1",
		"eth0,route=[2001:db8::/32]:fe80::1":                      "eth0 2001:db8::/32->fe80::1",
		"eth0,route=2001:db8::/32:fe80::1":                        "eth0 2001:db8::/32->fe80::1",
		"eth0,route=2001:db8::/32:[fe80::1]":                      "eth0 2001:db8::/32->fe80::1",
		"eth0,route=[2001:db8::7]:[fe80::1]":                      "eth0 2001:db8::7/128->fe80::1",
		"eth0,route=::/0:fe80::1":                                 "eth0 ::/0->fe80::1",
		"eth0,route=[10.0.0.0/8]:[10.1.1.1]":                      "eth0 10.0.0.0/8->10.1.1.1",
	} {
		f, err := ParseIface(spec)
		if err != nil {
			t.Errorf("%s: %v", spec, err)
		} else if f.text() != want {
			t.Errorf("%s:\ngot  %s\nwant %s", spec, f.text(), want)
		}
	}
}

func TestParseIfaceErrors(t *testing.T) {
	for spec, want := range map[string]string{
		"":                                       `"" is no interface name`,
		",dhcp":                                  `"" is no interface name`,
		"a/b,dhcp":                               `"a/b" is no interface name`,
		"averyverylongname":                      `"averyverylongname" is no interface name`,
		"eth0,dhcp=yes":                          `dhcp takes no value`,
		"eth0,forward=":                          `forward takes no value`,
		"eth0,address":                           `"" is not ADDRESS/LENGTH`,
		"eth0,address=10.0.0/8":                  `"10.0.0/8" is not ADDRESS/LENGTH`,
		"eth0,address=10.0.0.1/33":               `"10.0.0.1/33" is not ADDRESS/LENGTH`,
		"eth0,address=0.0.0.0/0":                 `0.0.0.0 is not the address of one host`,
		"eth0,gateway=router":                    `"router" is no IP address`,
		"eth0,gateway=10.0.0.1,gateway=10.0.0.2": `gateway=10.0.0.2: a second route to 0.0.0.0/0`,
		"eth0,gateway=10.0.0.1,route=default:10.0.0.2": `route=default:10.0.0.2: a second route to 0.0.0.0/0`,
		"eth0,gateway=fe80::1%eth0":                    `an address with a zone is not possible here`,
		"eth0,route=10.0.0.0/8":                        `is not DST:GW`,
		"eth0,route=10.0.0.0/8:":                       `"" is no IP address`,
		"eth0,route=:10.0.0.1":                         `"" is not ADDRESS/LENGTH`,
		"eth0,route=2001:db8::7:fe80::1":               `could be read in several ways: write [DST]:[GW]`,
		"eth0,route=[2001:db8::/32:fe80::1":            `is not ADDRESS/LENGTH`,
		"eth0,route=10.0.0.0/8:fe80::1":                `10.0.0.0/8 and fe80::1 are of different families`,
		"eth0,route=[2001:db8::/32]:10.0.0.1":          `are of different families`,
		"eth0,search=a;b":                              `name "a;b": bad character ';'`,
		"eth0,mtu=9000b":                               `mtu=9000b: "9000b" is no number from 68 to 65535`,
		"eth0,mtu=67":                                  `is no number from 68 to 65535`,
		"eth0,mac=52:54:00":                            `"52:54:00" is no hardware address`,
		"eth0,speed=fast":                              `"fast" is no number from 1`,
		"eth0,duplex=both":                             `expected half or full, got "both"`,
		"eth0,autoneg=":                                `expected on or off, got ""`,
		"eth0,match=eth1":                              `"eth1" is no hardware address`,
		"any,match=52:54:00:12:34:56":                  `any names a card that is there: give`,
		"BOOTIF,bond=eth0":                             `BOOTIF names a card that is there`,
		"bond0,bond=":                                  `"" is no interface name`,
		"bond0,bond=eth0|bond0":                        `it cannot be made of itself`,
		"bond0,bond=eth0,bridge=eth1":                  `it is a bond already`,
		"bond0,bond=eth0,match=52:54:00:12:34:56":      `match= is for cards, and this is a bond`,
		"bond0,bond=eth0,opts=mode":                    `"mode" is not OPTION=VALUE`,
		"bond0,bond=eth0,opts=../../mtu=1":             `"../../mtu=1" is not OPTION=VALUE`,
		"eth0,opts=mode=1":                             `opts=mode=1: options are a bond's or a bridge's`,
		"v,vlan=5":                                     `"5" is not NUMBER:INTERFACE`,
		"v,vlan=4095:eth0":                             `"4095" is no number from 1 to 4094`,
		"v,vlan=5:v":                                   `it cannot be made of itself`,
		"v,vlan=5:a/b":                                 `"a/b" is no interface name`,
	} {
		f, err := ParseIface(spec)
		if err == nil {
			t.Errorf("%s: no error, but %s", spec, f.text())
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\ngot  %v\nwant %s", spec, err, want)
		}
	}
}

// What is accepted means the same when it is written out again.
func FuzzParseIface(f *testing.F) {
	f.Add("eth0,auto,address=10.0.0.2/24,gateway=10.0.0.1,route=[2001:db8::/32]:[fe80::1],nameserver=9.9.9.9,forward")
	f.Add("eth0,route=2001:db8::/32:fe80::1,route=default:10.0.0.1")
	f.Add("bond0,bond=eth0|eth1,opts=mode=1|miimon=100,mtu=9000,mac=02:00:00:00:00:01")
	f.Add("v,vlan=5:eth0,auto6,search=a.test")
	f.Add("eth0,route=[::1]:[::2],address=[::3]")
	f.Fuzz(func(t *testing.T, spec string) {
		bound.Input(t, len(spec))
		first, err := ParseIface(spec)
		if err != nil {
			return
		}
		again := first.spec()
		second, err := ParseIface(again)
		if err != nil {
			t.Fatalf("%q became %q: %v", spec, again, err)
		}
		if first.text() != second.text() {
			t.Fatalf("%q: %s, written again %s", spec, first.text(), second.text())
		}
	})
}

// spec writes an Iface as b2c.iface= has it.
func (f *Iface) spec() string {
	words := []string{f.Name}
	add := func(given bool, form string, values ...any) {
		if given {
			words = append(words, fmt.Sprintf(form, values...))
		}
	}
	add(f.Match != nil, "match=%s", f.Match)
	add(f.VLAN != 0, "vlan=%d:%s", f.VLAN, f.Parent)
	add(len(f.Ports) > 0, "%s=%s", f.Kind, strings.Join(f.Ports, "|"))
	add(len(f.Opts) > 0, "opts=%s", strings.Join(f.Opts, "|"))
	add(f.Card.MAC != nil, "mac=%s", f.Card.MAC)
	add(f.Card.MTU != 0, "mtu=%d", f.Card.MTU)
	add(f.Card.Speed != 0, "speed=%d", f.Card.Speed)
	add(f.Card.Duplex != "", "duplex=%s", f.Card.Duplex)
	add(f.Card.Autoneg != "", "autoneg=%s", f.Card.Autoneg)
	add(f.Auto && !f.OnlyIPv6, "auto")
	add(f.OnlyIPv6, "auto6")
	for _, a := range f.Addresses {
		add(true, "address=%s", a)
	}
	for _, r := range f.Routes {
		add(true, "route=[%s]:[%s]", r.Dst, r.Via)
	}
	for _, a := range f.DNS {
		add(true, "nameserver=%s", a)
	}
	for _, d := range f.Search {
		add(true, "search=%s", d)
	}
	add(f.Forward, "forward")
	return strings.Join(append(words, f.Unknown...), ",")
}
