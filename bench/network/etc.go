package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// ownEtc gives this namespace an /etc of its own, with what resolvers read.
func ownEtc() error {
	if err := unix.Mount("etc", "/etc", "tmpfs", 0, ""); err != nil {
		return err
	}
	for name, content := range map[string]string{"hosts": "127.0.0.1 localhost\n", "nsswitch.conf": "hosts: files dns\n", "resolv.conf": ""} {
		if err := os.WriteFile("/etc/"+name, []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}
