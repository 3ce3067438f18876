package network

import (
	"context"
	"errors"
	"time"

	"bootrc/kit/command"
)

// ntpdateCommand is ntpdate(8), but that it sets the real-time clock, too.
func (m *Manager) ntpdateCommand() command.Command {
	return command.Command{
		Name: "ntpdate", Summary: "set the clock, and the one that runs while the machine is off, by NTP, with SERVERs or those that DHCP named", Operands: "[SERVER…]", Run: m.runNTPDate,
		Options: []command.Option{
			{Names: "-q", Help: "only print what the servers say"},
			{Names: "-t", Value: "SECONDS", Kind: command.Seconds, Default: "5", Check: checkLimit, Help: "wait that long for each answer"},
			{Names: "-n", Value: "TRIES", Kind: command.Count, Default: "3", Check: checkCount, Help: "ask each server that many times"},
		},
	}
}

func (m *Manager) runNTPDate(ctx context.Context, call *command.Call) error {
	servers := call.Args
	if len(servers) == 0 {
		if servers = m.timeServers(); len(servers) == 0 {
			return errors.New("no time server is known: DHCP named none")
		}
	}
	answer, err := AskTime(ctx, servers, call.Count("n"), call.Seconds("t"))
	if err != nil {
		return err
	}
	query := call.Flag("q")
	if !query {
		if err := SetClock(time.Now().Add(answer.Offset)); err != nil {
			return err
		}
	}
	call.Printf("%s: offset %+.6f s, stratum %d, %.1f ms away\n", answer.Server,
		answer.Offset.Seconds(), answer.Stratum, float64(answer.Delay.Microseconds())/1000)
	if query {
		return nil
	}
	return SetRTC(time.Now())
}
