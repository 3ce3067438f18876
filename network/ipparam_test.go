package network

import (
	"fmt"
	"strings"
	"testing"

	"bootrc/test/bound"
)

func TestParseIPParam(t *testing.T) {
	for value, want := range map[string]IPParam{
		"dhcp": {Auto: true}, "on": {Auto: true}, "any": {Auto: true}, "both": {Auto: true}, "bootp": {Auto: true}, "rarp": {Auto: true},
		"off": {}, "none": {}, "": {},

		"10.0.0.2":                                                 ipParam("10.0.0.2/8", "", ""),
		"172.16.0.2::172.16.0.1":                                   ipParam("172.16.0.2/16", "172.16.0.1", ""),
		"192.168.0.2:::255.255.255.128":                            ipParam("192.168.0.2/25", "", ""),
		"192.168.0.2:::25":                                         ipParam("192.168.0.2/25", "", ""),
		"10.0.0.2::10.0.0.1:255.255.255.0::eth0:off":               ipParam("10.0.0.2/24", "10.0.0.1", "eth0"),
		"10.0.0.2::10.0.0.1:255.255.255.0::eth0:dhcp":              ipParam("10.0.0.2/24", "10.0.0.1", "eth0"),
		"10.0.0.2:0.0.0.0:0.0.0.0:255.255.255.0::eth0:off:0.0.0.0": ipParam("10.0.0.2/24", "", "eth0"),
		"[2001:db8::2]::[2001:db8::1]:64::eth0:none":               ipParam("2001:db8::2/64", "2001:db8::1", "eth0"),
		"[2001:db8::2]::[fe80::1]:::eth0":                          ipParam("2001:db8::2/64", "fe80::1", "eth0"),
		":::::eth0:dhcp":                                           {Auto: true, Device: "eth0"},
		":::::eth0":                                                {Auto: true, Device: "eth0"},
		":::::eth0:off":                                            {Device: "eth0"},
		"::::client.example:eth0:dhcp:9.9.9.9:[2001:db8::53]:10.0.0.9": func() IPParam {
			p := ipParam("", "", "eth0", "9.9.9.9", "2001:db8::53")
			p.Auto, p.Hostname = true, "client.example"
			p.NTP, _ = parseAddr("10.0.0.9")
			return p
		}(),
	} {
		got, err := ParseIPParam(value)
		if err != nil {
			t.Errorf("%s: %v", value, err)
		} else if fmt.Sprint(*got) != fmt.Sprint(want) {
			t.Errorf("%s:\ngot  %v\nwant %v", value, *got, want)
		}
	}
}

func ipParam(client, gateway, device string, dns ...string) IPParam {
	p := IPParam{Device: device}
	p.Client, _ = parsePrefix(client)
	p.Gateway, _ = parseAddr(gateway)
	for _, d := range dns {
		a, _ := parseAddr(d)
		p.DNS = append(p.DNS, a)
	}
	return p
}

func TestParseIPParamErrors(t *testing.T) {
	for value, want := range map[string]string{
		"dhpc":                      `ip=dhpc: no IP address, and "dhpc": expected dhcp, on,`,
		"10.0.0":                    `ip=10.0.0: no IP address`,
		"10.0.0.256::":              `ip=10.0.0.256::: client-ip: "10.0.0.256" is no IP address`,
		"224.0.0.1::":               `client-ip: 224.0.0.1 is not the address of one host`,
		"10.0.0.2:nfs":              `server-ip: "nfs" is no IP address`,
		"10.0.0.2::gw":              `gw-ip: "gw" is no IP address`,
		"10.0.0.2:::255.0.255.0":    `netmask: "255.0.255.0" is no netmask: its ones are not in one piece`,
		"10.0.0.2:::33":             `netmask: "33" is neither a netmask nor a prefix length from 1 to 32`,
		"10.0.0.2:::0.0.0.0":        `netmask: "0.0.0.0" is neither`,
		"[2001:db8::2]:::129":       `netmask: "129" is neither a netmask nor a prefix length from 1 to 128`,
		"[2001:db8::2]:::255.0.0.0": `netmask: "255.0.0.0" is neither`,
		"10.0.0.2::::a b":           `hostname: name "a b": bad character ' '`,
		"10.0.0.2:::::a/b":          `device: "a/b" is no interface name`,
		"10.0.0.2:::::eth0:maybe":   `autoconf: "maybe": expected`,
		"10.0.0.2:::::eth0:off:x":   `dns0-ip: "x" is no IP address`,
		"10.0.0.2:::::eth0:off::x":  `dns1-ip: "x" is no IP address`,
		"10.0.0.2:::::eth0:off:::x": `ntp0-ip: "x" is no IP address`,
		"::::::::::":                `11 fields, and at most 10 are possible`,
		"2001:db8::2":               `client-ip: "2001" is no IP address`,
		"[2001:db8::2":              `unpaired bracket`,
		"2001:db8::2]":              `unpaired bracket`,
		"[[::1]]":                   `unpaired bracket`,
		"10.0.0.2::[fe80::1]":       `gw-ip: fe80::1 is not of the family of 10.0.0.2`,
	} {
		p, err := ParseIPParam(value)
		if err == nil {
			t.Errorf("%s: no error, but %v", value, *p)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\ngot  %v\nwant %s", value, err, want)
		}
	}
}

// Whatever is accepted has an address that a host can have, and names that can
// be written to files.
func FuzzParseIPParam(f *testing.F) {
	f.Add("10.0.0.2::10.0.0.1:255.255.255.0:host:eth0:off:9.9.9.9:8.8.8.8:10.0.0.9")
	f.Add("[2001:db8::2]::[fe80::1]:64::eth0:none")
	f.Add("dhcp")
	f.Fuzz(func(t *testing.T, value string) {
		bound.Input(t, len(value))
		p, err := ParseIPParam(value)
		if err != nil {
			return
		}
		if a := p.Client; a != (p.Client.Masked()) && !a.IsValid() || a.IsValid() && (p.Auto || a.Bits() < 1 || a.Addr().IsUnspecified()) {
			t.Errorf("%q: client %v, auto %t", value, a, p.Auto)
		}
		if p.Hostname != "" && checkDomain(p.Hostname) != nil || p.Device != "" && checkDevice(p.Device) != nil {
			t.Errorf("%q: names %q %q", value, p.Hostname, p.Device)
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
