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
	control := filepath.Join(root, "cgroup.subtree_control")
	var all []string
	for _, name := range strings.Fields(string(available)) {
		all = append(all, "+"+name)
	}
	// each write waits for every CPU to take notice: one does, if all can be enabled
	if os.WriteFile(control, []byte(strings.Join(all, " ")), 0) == nil {
		return nil
	}
	var failed []error
	for _, enable := range all {
		// a controller that is in use elsewhere must not keep the others away
		if err := os.WriteFile(control, []byte(enable), 0); err != nil {
			failed = append(failed, fmt.Errorf("enabling cgroup controller %s: %w", enable, err))
		}
	}
	return errors.Join(failed...)
}
