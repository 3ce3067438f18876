package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"bootrc/test/machine"
)

// ways are how the work folder comes into a machine, the best first.
var ways = []string{"virtiofs", "9p", "disk"}

// share is the work folder's way into the machine.
type share struct {
	kinds  []string // what the machine tries: several, where it is not known what the kernel has
	qemu   []string
	disks  []machine.Disk
	server *exec.Cmd // of virtiofs
	copied *copied   // with disk
}

// newShare brings a folder into a machine. virtiofs is faster than 9p, and both show each side what the other does; a
// kernel that has neither gets a copy.
func (o options) newShare(work string, k kernel) (*share, error) {
	folder, err := filepath.Abs(o.workdir)
	if err != nil {
		return nil, err
	}
	s := &share{}
	for _, way := range ways {
		if o.share != "" && o.share != way || o.share == "" && !s.wants(way, k) {
			continue
		}
		if err := s.add(way, work, folder, o.memory); err != nil {
			s.end()
			return nil, fmt.Errorf("--workdir %s by %s: %w", o.workdir, way, err)
		}
	}
	return s, nil
}

// wants tells whether a way is worth trying, when nobody has said which.
func (s *share) wants(way string, k kernel) bool {
	switch way {
	case "virtiofs":
		return k.mayHave("virtiofs") && virtiofsd() != ""
	case "9p":
		return k.mayHave("9p") && k.mayHave("9pnet_virtio")
	}
	return len(s.kinds) == 0
}

func (s *share) add(way, work, folder string, memory int) (err error) {
	switch way {
	case "virtiofs":
		err = s.serve(work, folder, memory)
	case "9p":
		// files that the machine makes are the user's; ids of several file systems below the folder stay apart
		s.qemu = append(s.qemu, "-fsdev", "local,id=work,security_model=none,multidevs=remap,path="+comma(folder),
			"-device", "virtio-9p-pci,fsdev=work,mount_tag=work")
	default:
		s.copied = &copied{folder: folder, back: filepath.Join(work, "back")}
		s.disks, err = s.copied.pack(work)
	}
	s.kinds = append(s.kinds, way)
	return err
}

// virtiofsd returns the server of virtiofs, or "" where none can run: QEMU's own, before version 8, needs root.
func virtiofsd() string {
	candidates := []string{"virtiofsd", "/usr/libexec/virtiofsd"}
	if os.Geteuid() == 0 {
		candidates = append(candidates, "/usr/lib/qemu/virtiofsd")
	}
	for _, name := range candidates {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// serveLimit is how long the server may take to listen.
const serveLimit = 30 * time.Second

// serve starts the server of virtiofs. It ends when the machine hangs up.
func (s *share) serve(work, folder string, memory int) error {
	program := virtiofsd()
	if program == "" {
		return errors.New("virtiofsd is missing (or, that of QEMU before 8, you are not root)")
	}
	socket := filepath.Join(work, "virtiofs")
	s.server = exec.Command(program, "--socket-path="+socket, "-o", "source="+folder)
	s.server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.server.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { s.server.Wait(); close(ended) }()
	for deadline := time.Now().Add(serveLimit); time.Now().Before(deadline); {
		if _, err := os.Stat(socket); err == nil {
			s.qemu = append(s.qemu, "-object", "memory-backend-memfd,id=ram,share=on,size="+strconv.Itoa(memory)+"M",
				"-machine", "memory-backend=ram", "-chardev", "socket,id=work,path="+comma(socket),
				"-device", "vhost-user-fs-pci,chardev=work,tag=work")
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("%s ended: %v", program, s.server.ProcessState)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return fmt.Errorf("%s does not listen", program)
}

// end ends what serves.
func (s *share) end() {
	if s.server != nil && s.server.Process != nil {
		s.server.Process.Kill()
	}
}

// drivers are the modules that the machine needs.
func (s *share) drivers() []string {
	var names []string
	if slices.Contains(s.kinds, "virtiofs") {
		names = append(names, "virtiofs")
	}
	if slices.Contains(s.kinds, "9p") {
		names = append(names, "9p", "9pnet_virtio")
	}
	return names
}

// comma writes a path as QEMU's options have it: a comma twice.
func comma(path string) string { return strings.ReplaceAll(path, ",", ",,") }
