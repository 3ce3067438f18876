package network

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"bootrc/kit/command"
)

// Sockets are listed with their ends, as /proc/net has them on a machine of little-endian words.
func TestSockets(t *testing.T) {
	folder := t.TempDir() + "/"
	for name, text := range map[string]string{
		"tcp": "  sl  local_address rem_address   st\n   0: 0100007F:1F90 00000000:0000 0A 0\n   1: 0F02000A:0016 0202000A:C350 01 0\n",
		"udp": "   0: 00000000:0044 00000000:0000 07 0\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const listening = "tcp  LISTEN     127.0.0.1:8080               0.0.0.0:*\n"
	const connected = "tcp  ESTAB      10.0.2.15:22                 10.0.2.2:50000\n"
	const udp = "udp  UNCONN     0.0.0.0:68                   0.0.0.0:*\n"
	for args, want := range map[string]string{"": listening + connected + udp, "-l": listening + udp, "-t": listening + connected} {
		c := ssCommand()
		var out bytes.Buffer
		call := &command.Call{Name: "ss", Stdout: &out, Stderr: &out}
		if args != "" {
			call.Args = []string{args}
		}
		c.Run = replaced(folder)
		if status := c.Execute(t.Context(), call); status != 0 || out.String() != want {
			t.Errorf("ss %s: status %d\n%swant\n%s", args, status, &out, want)
		}
	}
}

func replaced(folder string) func(context.Context, *command.Call) error {
	return func(_ context.Context, call *command.Call) error { return listSockets(call, folder) }
}
