package network

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// nameMachine gives the machine the name that the network has for it, which may be
// "", unless it has one: as the kernel does where it configures the network itself.
// A name that is too long for the kernel is cut to its first label, which never is.
func nameMachine(name string) error {
	const most = 64 // __NEW_UTS_LEN
	present, err := os.Hostname()
	if err != nil || name == "" || Named(present) {
		return err
	}
	if len(name) > most {
		name, _, _ = strings.Cut(name, ".")
	}
	if err := unix.Sethostname([]byte(name)); err != nil {
		return fmt.Errorf("name this machine %q, as the network does: %w", name, err)
	}
	return nil
}

// Named tells whether a host's name is one that somebody gave it, and not what
// kernels call a machine without a name.
func Named(name string) bool { return name != "" && name != "(none)" && name != "localhost" }
