package machine

import (
	"fmt"
	"os/exec"
	"strings"
)

// Pack writes modules of a kernel and all that they need to a folder, as they go on an
// initramfs. project is this project's folder.
func Pack(project string, kernel Kernel, names []string, folder string) error {
	cmd := exec.Command("go", "run", "./kmod/pack", "-only", strings.Join(names, ","), "-o", folder, kernel.Modules)
	cmd.Dir = project
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", cmd, err, out)
	}
	return nil
}
