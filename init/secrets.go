package main

import (
	"strings"

	"bootrc/init/cmdline"
	"bootrc/kit/command"
	"bootrc/kit/quote"
	"bootrc/kit/secret"
	"bootrc/oci"
	"bootrc/oci/container"
	"bootrc/rootfs/disk/filesystem"
	"bootrc/rootfs/volume"
	"bootrc/s3/alias"
)

// secrets is what each domain knows to be secret in the values of its arguments.
var secrets = cmdline.Secrets{
	"b2c.run":         ofContainer,
	"b2c.run_service": ofContainer,
	"b2c.run_post":    ofContainer,
	"b2c.filesystem":  filesystem.Secrets,
	"b2c.volume":      volume.Secrets,
	"b2c.minio":       alias.Secrets,
	"b2c.login":       oci.LoginSecrets,
	"b2c.extra_args":  command.Whole,

	"b2c.status_nonce": command.Whole,
	"b2c.shutdown_cmd": secret.InCommands,
	"b2c.reboot_cmd":   secret.InCommands,
}

// ofContainer reads a container's words as runc-run does. What a shell cannot split is
// told from blank to blank.
func ofContainer(value string) []string {
	words, err := quote.Split(value)
	if err != nil {
		for word := range strings.FieldsSeq(value) {
			words = append(words, strings.Trim(word, `'"`))
		}
	}
	return append(container.Declare(command.Command{}).Secrets(words), secret.InCommands(value)...)
}
