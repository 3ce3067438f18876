package rootfs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// EnableControllers hands every controller of the cgroup v2 hierarchy at root
// down to its children, so that containers can be given limits
// (Documentation/admin-guide/cgroup-v2.rst, "Enabling and Disabling").
func EnableControllers(root string) error {
	available, err := os.ReadFile(filepath.Join(root, "cgroup.controllers"))
	if err != nil {
		return err
	}
	var failed []error
	control := filepath.Join(root, "cgroup.subtree_control")
	for _, name := range strings.Fields(string(available)) {
		// one at a time: a controller that is in use elsewhere must not keep the others away
		if err := os.WriteFile(control, []byte("+"+name), 0); err != nil {
			failed = append(failed, fmt.Errorf("enabling cgroup controller %s: %w", name, err))
		}
	}
	return errors.Join(failed...)
}
