package network

import (
	"encoding/binary"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"bootrc/kit/clock"
)

// ntpAnswer makes a server's answer (RFC 5905, section 7.3) to a request.
type ntpAnswer func(request []byte) []byte

// at answers that the time is so much later than here.
func at(offset time.Duration) ntpAnswer {
	return func(request []byte) []byte {
		answer := make([]byte, 48)
		answer[0] = 4<<3 | 4 // version 4, server
		answer[1] = 2        // stratum
		copy(answer[24:], request[40:48])
		now := time.Now().Add(offset)
		for _, field := range []int{16, 32, 40} { // reference, receive, transmit
			putTime(answer[field:], now)
		}
		return answer
	}
}

// putTime writes seconds since 1900 with a binary fraction.
func putTime(field []byte, t time.Time) {
	const from1900 = 2208988800
	binary.BigEndian.PutUint32(field, uint32(t.Unix()+from1900))
	binary.BigEndian.PutUint32(field[4:], uint32(uint64(t.Nanosecond())<<32/1e9))
}

// changed answers with some bytes changed.
func changed(answer ntpAnswer, change func(packet []byte)) ntpAnswer {
	return func(request []byte) []byte {
		packet := answer(request)
		change(packet)
		return packet
	}
}

// serveTime starts a server that gives the answers in turn, the last for ever; nil
// is silence.
func serveTime(t *testing.T, answers ...ntpAnswer) (address string) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { conn.Close() })
	go func() {
		request := make([]byte, 1024)
		for {
			n, from, err := conn.ReadFrom(request)
			if err != nil {
				return
			}
			if answers[0] != nil {
				conn.WriteTo(answers[0](request[:n]), from)
			}
			if len(answers) > 1 {
				answers = answers[1:]
			}
		}
	}()
	return conn.LocalAddr().String()
}

func TestAskTime(t *testing.T) {
	check(t, loopbackUp())
	const hour = time.Hour
	garbage := func([]byte) []byte { return []byte(strings.Repeat("garbage ", 6)) }
	forged := changed(at(5*hour), func(p []byte) { p[24] ^= 1 })
	for name, tt := range map[string]struct {
		servers [][]ntpAnswer
		limit   time.Duration // of a try; there are as many as a slow machine needs
		want    time.Duration
	}{
		"one":                        {[][]ntpAnswer{{at(hour)}}, patience, hour},
		"a clock that stood still":   {[][]ntpAnswer{{at(10 * 365 * 24 * hour)}}, patience, 10 * 365 * 24 * hour},
		"the first try is lost":      {[][]ntpAnswer{{nil, at(hour)}}, 500 * time.Millisecond, hour},
		"the first answer is forged": {[][]ntpAnswer{{forged, at(hour)}}, 500 * time.Millisecond, hour},
		"one is silent":              {[][]ntpAnswer{{nil}, {at(hour)}}, patience, hour},
		"one talks garbage":          {[][]ntpAnswer{{garbage}, {at(hour)}}, patience, hour},
	} {
		t.Run(name, func(t *testing.T) {
			var servers []string
			for _, answers := range tt.servers {
				servers = append(servers, serveTime(t, answers...))
			}
			got, err := AskTime(t.Context(), servers, 1000, tt.limit)
			check(t, err)
			if got.Offset.Round(time.Minute) != tt.want || got.Stratum != 2 {
				t.Errorf("got %+v, want an offset of %v", got, tt.want)
			}
		})
	}
}

// Of several answers, the one in the middle counts.
func TestOneServerLies(t *testing.T) {
	answers := make(chan TimeAnswer, 3)
	for _, hours := range []time.Duration{1, 9, 1} {
		answers <- TimeAnswer{Offset: hours * time.Hour}
	}
	if got, err := choose(4, answers, nil); err != nil || got.Offset != time.Hour {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestAskTimeInVain(t *testing.T) {
	check(t, loopbackUp())
	kiss := changed(at(0), func(p []byte) { p[1] = 0; copy(p[12:], "DENY") })
	free, err := net.ListenPacket("udp", "127.0.0.1:0")
	check(t, err)
	free.Close()
	_, err = AskTime(t.Context(), []string{serveTime(t, nil)}, 1, time.Second)
	if err == nil || !strings.HasSuffix(err.Error(), ": no answer within 1 second") {
		t.Errorf("silence: %v", err)
	}
	for name, tt := range map[string]struct{ server, want string }{
		"nobody listens":  {free.LocalAddr().String(), `connection refused`},
		"no such host":    {"no-such-host.invalid", `lookup no-such-host.invalid`},
		"kiss of death":   {serveTime(t, kiss), `kiss of death received \(DENY\)`},
		"not in step":     {serveTime(t, changed(at(0), func(p []byte) { p[0] |= 3 << 6 })), `leap second`},
		"stratum 16":      {serveTime(t, changed(at(0), func(p []byte) { p[1] = 16 })), `stratum`},
		"a client's mode": {serveTime(t, changed(at(0), func(p []byte) { p[0] = 4<<3 | 3 })), `mode`},
		"years ago":       {serveTime(t, at(time.Until(clock.Earliest)-time.Hour)), `it says that it is 2025-12-31 23:[0-9:]+, which cannot be`},
		"sixty years off": {serveTime(t, at(60*365*24*time.Hour)), `it says that it is 20[0-9]{2}-[0-9-]+ [0-9:]+, which cannot be`},
		"too short":       {serveTime(t, func([]byte) []byte { return []byte{4<<3 | 4} }), `.`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := AskTime(t.Context(), []string{tt.server}, 1, patience)
			if err == nil || !regexp.MustCompile("^"+regexp.QuoteMeta(tt.server)+": .*"+tt.want).MatchString(err.Error()) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
	both := []string{"no-such-host.invalid", free.LocalAddr().String()}
	if _, err := AskTime(t.Context(), both, 1, patience); err == nil || strings.Count(err.Error(), "; ") != 1 {
		t.Errorf("of two servers: %v", err)
	}
}

// Without a server, those that DHCP names are asked.
func TestTimeServersOfDHCP(t *testing.T) {
	p := newPeer(t)
	p.cable("eth0", "10.77.0.1/24")
	p.serve("eth0", func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
		return grant(r, "10.77.0.50", dhcpv4.OptNTPServers(net.IPv4(10, 77, 0, 8), net.IPv4(10, 77, 0, 9)))
	})
	m, _ := newManager(t)
	if _, stderr, status := run(t.Context(), m, "ntpdate -q"); status != 1 || stderr != "ntpdate: no time server is known: DHCP named none\n" {
		t.Errorf("status %d, %s", status, stderr)
	}
	if _, stderr, status := run(t.Context(), m, "dhcp eth0"); status != 0 {
		t.Fatalf("status %d, %s", status, stderr)
	}
	_, stderr, status := run(t.Context(), m, "ntpdate -q -n 1 -t 0.05")
	if status != 1 || !strings.Contains(stderr, "10.77.0.8: ") || !strings.Contains(stderr, "10.77.0.9: ") {
		t.Errorf("status %d, %s", status, stderr)
	}
}
