package network

import (
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"bootrc/kit/command"
)

func ssCommand() command.Command {
	return command.Command{
		Name: "ss", Summary: "list TCP and UDP sockets: state, this end, the other end",
		Options: []command.Option{
			{Names: "-t, --tcp", Help: "list those of TCP alone"},
			{Names: "-u, --udp", Help: "list those of UDP alone"},
			{Names: "-l, --listening", Help: "list those that wait for others alone"},
			{Names: "-a, -n, -p", Help: "list all, by numbers, as it does anyway"},
		},
		Run: func(_ context.Context, call *command.Call) error { return listSockets(call, "/proc/net/") },
	}
}

// tcpStates are the states of /proc/net/tcp (include/net/tcp_states.h).
var tcpStates = []string{"", "ESTAB", "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSE", "CLOSE-WAIT", "LAST-ACK", "LISTEN", "CLOSING"}

func listSockets(call *command.Call, folder string) error {
	for _, file := range []string{"tcp", "tcp6", "udp", "udp6"} {
		kind := file[:3]
		if call.Flag("tcp") != call.Flag("udp") && !call.Flag(kind) {
			continue
		}
		text, err := os.ReadFile(folder + file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line)
			if len(fields) < 4 || fields[1] == "local_address" {
				continue
			}
			number, _ := strconv.ParseUint(fields[3], 16, 8)
			state := tcpStates[min(int(number), len(tcpStates)-1)]
			if kind == "udp" && state == "CLOSE" {
				state = "UNCONN"
			}
			if call.Flag("listening") && state != "LISTEN" && state != "UNCONN" {
				continue
			}
			call.Printf("%-4s %-10s %-28s %s\n", kind, state, endOf(fields[1]), endOf(fields[2]))
		}
	}
	return nil
}

// endOf reads ADDRESS:PORT in hexadecimal; the address is in words of the machine's own byte order.
func endOf(text string) string {
	address, port, _ := strings.Cut(text, ":")
	b, err := hex.DecodeString(address)
	n, portErr := strconv.ParseUint(port, 16, 16)
	if err != nil || portErr != nil || len(b)%4 != 0 {
		return text
	}
	for i := 0; i+3 < len(b); i += 4 {
		b[i], b[i+1], b[i+2], b[i+3] = b[i+3], b[i+2], b[i+1], b[i]
	}
	a, ok := netip.AddrFromSlice(b)
	if !ok {
		return text
	}
	if n == 0 {
		return a.Unmap().String() + ":*"
	}
	return netip.AddrPortFrom(a.Unmap(), uint16(n)).String()
}
