package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"bootrc/test/machine"
)

// ganesha configures an NFS server whose share /public is the gateway's image store.
const ganesha = `NFS_CORE_PARAM { Protocols = 4; Bind_addr = 127.0.0.1; NFS_Port = %s; Enable_NLM = false; Enable_RQUOTA = false; Enable_UDP = false; }
NFSv4 { Graceless = true; Only_Numeric_Owners = true; RecoveryRoot = %s; }
EXPORT { Export_Id = 1; Path = %s; Pseudo = /public; Access_Type = RO; Squash = No_Root_Squash; SecType = sys; FSAL { Name = VFS; } }
`

// farm looks at a farm's job on a machine with an empty disk, which pulls its image, and on one
// without a disk: cache on an empty NBD disk, image in podman's store on an NFS server. Both boot
// the initramfs farm.
func (b *bench) farm(ctx context.Context, farm string, look func(context.Context, []side) error) error {
	id, err := b.fillGateway(ctx)
	if err != nil {
		return err
	}
	nfs, nbd := freePort(), freePort()
	configuration := filepath.Join(b.work, "ganesha.conf")
	text := fmt.Sprintf(ganesha, nfs, b.work, filepath.Join(b.work, "graph"))
	if err := os.WriteFile(configuration, []byte(text), 0o600); err != nil {
		return err
	}
	file := b.networkFile()
	if err := emptyFile(file); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for _, server := range [][]string{
		{"ganesha.nfsd", "-F", "-f", configuration, "-L", filepath.Join(b.work, "ganesha.log"), "-p", filepath.Join(b.work, "ganesha.pid")},
		{"qemu-nbd", "--format=raw", "--persistent", "--shared=5", "--bind=127.0.0.1", "--port=" + nbd, file},
	} {
		command := exec.CommandContext(ctx, server[0], server[1:]...)
		command.Stderr = os.Stderr
		if err := command.Start(); err != nil {
			return err
		}
		defer func() { stop(); command.Wait() }()
	}
	for _, port := range []string{nfs, nbd} {
		if err := awaitServer(ctx, port); err != nil {
			return err
		}
	}
	return look(ctx, []side{
		{Name: "b2c-job-v1, empty disk", Initramfs: farm, Args: "b2c.cache_device=auto " + b.run(), Disk: emptyDisk},
		{Name: "b2c-diskless-v1, empty NBD disk", Initramfs: farm, Disk: networkDisk, Args: fmt.Sprintf(`b2c.cache_device=/dev/nbd0 b2c.nbd=/dev/nbd0,host=%[1]s,port=%[2]s,connections=5 `+
			`b2c.filesystem=publicimgstore,type=nfs,src=%[1]s:/public,opts=vers=4.1|port=%[3]s b2c.storage="additionalimagestores=publicimgstore" `+
			`b2c.run="--tls-verify=false %[4]s"`, machine.Host, nbd, nfs, id)},
	})
}

// fillGateway has podman's library pull the image into its store, and returns the image's ID.
func (b *bench) fillGateway(ctx context.Context) (id string, err error) {
	graph := filepath.Join(b.work, "graph")
	_, image, _ := strings.Cut(b.image, ":")
	out, err := exec.CommandContext(ctx, "skopeo", "--insecure-policy", "copy", "-q", "--src-tls-verify=false", "docker://127.0.0.1:"+image,
		fmt.Sprintf("containers-storage:[overlay@%s+%s]%s:latest", graph, filepath.Join(b.work, "run"), b.image)).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("skopeo copy: %w: %s", err, out)
	}
	if out, err := exec.Command("umount", filepath.Join(graph, "overlay")).CombinedOutput(); err != nil {
		return "", fmt.Errorf("umount: %w: %s", err, out)
	}
	images, err := os.ReadFile(filepath.Join(graph, "overlay-images/images.json"))
	if err != nil {
		return "", err
	}
	found := regexp.MustCompile(`"id":"([0-9a-f]{64})"`).FindSubmatch(images)
	if found == nil {
		return "", fmt.Errorf("skopeo copy: no image's ID is in %s", images)
	}
	return string(found[1]), nil
}

func freePort() string {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "0" // the server says what is wrong
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}

// awaitServer waits until a server takes connections.
func awaitServer(ctx context.Context, port string) error {
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp4", "127.0.0.1:"+port)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(100 * time.Millisecond):
		}
	}
}
