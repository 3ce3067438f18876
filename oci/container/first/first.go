// Package first is a container's first process, before it becomes the
// container's own program: libcontainer starts this program again, and its C
// code has put that process into the container's namespaces before Go runs.
//
// It imports nothing but what that process needs, and works before any package
// with a longer list of imports is initialised: every container waits for it.
package first

import (
	"os"

	"github.com/opencontainers/runc/libcontainer"
	_ "github.com/opencontainers/runc/libcontainer/nsenter" // the C part, before Go's runtime
)

func init() {
	// the word alone can come from the kernel's command line
	if len(os.Args) > 1 && os.Args[1] == "init" && os.Getenv("_LIBCONTAINER_INITPIPE") != "" {
		// returns only where the process could not be started, which it has
		// then told its parent
		libcontainer.Init()
		os.Exit(1)
	}
}
