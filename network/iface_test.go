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
	if f.Auto {
		words = append(words, "auto")
	}
	for _, a := range f.Addresses {
		words = append(words, a.String())
	}
	for _, r := range f.Routes {
		words = append(words, fmt.Sprintf("%s->%s", r.Dst, r.Via))
	}
	for _, a := range f.DNS {
		words = append(words, "dns:"+a.String())
	}
	if f.Forward {
		words = append(words, "forward")
	}
	for _, word := range f.Unknown {
		words = append(words, "unknown:"+word)
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
		"eth0,mtu=9000,dhcp,=,Dhcp": "eth0 auto unknown:mtu=9000 unknown:= unknown:Dhcp",
		"eth0,address=192.168.0.2/24,gateway=192.168.0.1,nameserver=9.9.9.9,nameserver=1.1.1.1,forward": "eth0 192.168.0.2/24 0.0.0.0/0->192.168.0.1 dns:9.9.9.9 dns:1.1.1.1 forward",
		"eth0,address=192.168.0.2":              "eth0 192.168.0.2/32",
		"eth0,address=2001:db8::2/64,dhcp":      "eth0 auto 2001:db8::2/64",
		"eth0,address=[2001:db8::2]/64":         "eth0 2001:db8::2/64",
		"eth0,address=[2001:db8::2/64]":         "eth0 2001:db8::2/64",
		"eth0,gateway=fe80::1,gateway=10.0.0.1": "eth0 ::/0->fe80::1 0.0.0.0/0->10.0.0.1",
		"eth0,nameserver=[2001:db8::53]":        "eth0 dns:2001:db8::53",

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
	f.Add("eth0,route=[::1]:[::2],address=[::3]")
	f.Fuzz(func(t *testing.T, spec string) {
		bound.Input(t, len(spec))
		first, err := ParseIface(spec)
		if err != nil {
			return
		}
		again := first.Name
		if first.Auto {
			again += ",auto"
		}
		for _, a := range first.Addresses {
			again += ",address=" + a.String()
		}
		for _, r := range first.Routes {
			again += fmt.Sprintf(",route=[%s]:[%s]", r.Dst, r.Via)
		}
		for _, a := range first.DNS {
			again += ",nameserver=" + a.String()
		}
		if first.Forward {
			again += ",forward"
		}
		for _, word := range first.Unknown {
			again += "," + word
		}
		second, err := ParseIface(again)
		if err != nil {
			t.Fatalf("%q became %q: %v", spec, again, err)
		}
		if first.text() != second.text() {
			t.Fatalf("%q: %s, written again %s", spec, first.text(), second.text())
		}
	})
}
