//go:build ignore

// Rclone is `rclone serve s3` for folders of this machine, without the rest of rclone, which is
// mostly for other stores.
package main

import (
	_ "github.com/rclone/rclone/backend/local"
	"github.com/rclone/rclone/cmd"
	_ "github.com/rclone/rclone/cmd/serve"
	_ "github.com/rclone/rclone/cmd/serve/s3"
)

func main() { cmd.Main() }
