package container

import (
	"errors"
	"strconv"
	"strings"

	"bootrc/kit/command"
)

// RestartPolicy says when a container that ended is started again; the zero one:
// never.
type RestartPolicy struct {
	always    bool
	onFailure bool
	most      int // restarts on failure, 0 for any number
}

var background = slice{
	options: []command.Option{
		{Names: "-d, --detach", Help: "go on in the background, as a service"},
		{Names: "--restart", Value: "POLICY", Default: "no", Help: "start a service again: no, on-failure[:TIMES] or always",
			Check: checkQuoting(parseRestart)},
		{Names: "--rm", Default: "true", Help: "remove the container at its end, which always happens"},
	},
	read: func(call *command.Call, v *Invocation) (err error) {
		v.Detach = call.Flag("detach")
		v.Restart, err = parseRestart(call.Text("restart"))
		return err
	},
}

func parseRestart(text string) (p RestartPolicy, err error) {
	name, times, limited := strings.Cut(text, ":")
	if limited && name != "on-failure" {
		return p, errors.New("only on-failure takes a number")
	}
	switch name {
	case "", "no", "never":
	case "always", "unless-stopped":
		p.always = true
	case "on-failure":
		p.onFailure = true
		if limited {
			n, err := strconv.ParseUint(times, 10, 31)
			if err != nil {
				return p, errors.New("expected on-failure[:TIMES]")
			}
			p.most = int(n)
		}
	default:
		return p, errors.New("expected no, on-failure[:TIMES] or always")
	}
	return p, nil
}

// Again tells whether a container that ended with status, and was restarted so
// often, is started once more.
func (p RestartPolicy) Again(status, restarts int) bool {
	return p.always || p.onFailure && status != 0 && (p.most == 0 || restarts < p.most)
}
