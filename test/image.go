package test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"bootrc/test/machine"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// pushImage builds an image and pushes it to the registry's repository. It is
// Debian's static busybox with all its commands, then the files of the folder
// dir, if there is one, and runs command. The file dir.json, if there is one,
// holds members of its OCI config.
func pushImage(repository, dir string, command []string) error {
	image, err := buildImage(dir, command)
	if err != nil {
		return err
	}
	ref, err := name.ParseReference(repository, name.Insecure)
	if err != nil {
		return err
	}
	return remote.Write(ref, image)
}

// buildImage builds what pushImage pushes.
func buildImage(dir string, command []string) (v1.Image, error) {
	base, err := busybox()
	if err != nil {
		return nil, err
	}
	layers := []v1.Layer{base}
	if _, err := os.Stat(dir); err == nil {
		files, err := layerOf(func(w *tar.Writer) error { return addFolder(w, dir) })
		if err != nil {
			return nil, err
		}
		layers = append(layers, files)
	}
	image, err := mutate.AppendLayers(empty.Image, layers...)
	if err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file.OS, file.Architecture = "linux", "amd64"
	file.Config.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	file.Config.Cmd = command
	if err := readConfig(dir+".json", &file.Config); err != nil {
		return nil, err
	}
	return mutate.ConfigFile(image, file)
}

// readConfig reads members of an OCI config from file, if there is one.
func readConfig(file string, config *v1.Config) error {
	data, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(config); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// busybox is the first layer of every image.
var busybox = sync.OnceValues(func() (v1.Layer, error) {
	program, err := exec.LookPath("busybox")
	if err != nil {
		return nil, err
	}
	binary, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	commands, err := exec.Command(program, "--list").Output()
	if err != nil {
		return nil, fmt.Errorf("%s --list: %w", program, err)
	}
	return layerOf(func(w *tar.Writer) error { return addBusybox(w, binary, strings.Fields(string(commands))) })
})

// addBusybox writes a root file system of busybox and links to it.
func addBusybox(w *tar.Writer, binary []byte, commands []string) error {
	for _, folder := range []tar.Header{{Name: "bin/", Mode: 0o755}, {Name: "etc/", Mode: 0o755}, {Name: "tmp/", Mode: 0o1777}} {
		if err := w.WriteHeader(&folder); err != nil {
			return err
		}
	}
	if err := addBytes(w, "bin/busybox", 0o755, binary); err != nil {
		return err
	}
	if err := addBytes(w, "etc/passwd", 0o644, []byte("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n")); err != nil {
		return err
	}
	for _, command := range commands {
		if command == "busybox" {
			continue
		}
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Mode: 0o777, Name: "bin/" + command, Linkname: "busybox"}); err != nil {
			return err
		}
	}
	return nil
}

// addFolder writes the files and links below dir; scripts and programs can be executed.
func addFolder(w *tar.Writer, dir string) error {
	return filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		if entry.Type()&fs.ModeSymlink != 0 {
			target, err := os.Readlink(file)
			if err != nil {
				return err
			}
			return w.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Mode: 0o777, Name: rel, Linkname: target})
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		return addBytes(w, rel, machine.ModeOf(data), data)
	})
}

// addBytes writes one file.
func addBytes(w *tar.Writer, name string, mode int64, data []byte) error {
	header := tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: int64(len(data))}
	if err := w.WriteHeader(&header); err != nil {
		return err
	}
	_, err := w.Write(data)
	return err
}

// layerOf returns the layer of the files that write writes.
func layerOf(write func(*tar.Writer) error) (v1.Layer, error) {
	var files bytes.Buffer
	w := tar.NewWriter(&files)
	if err := write(w); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(files.Bytes())), nil
	})
}
