package load

import (
	"bytes"
	"io"
	"os"

	"github.com/cavaliergopher/cpio"
)

// ownFile is where the boot looks for arguments that an archive brings.
const ownFile = "etc/bootrc/cmdline.d/50-medium"

// WriteInitramfs writes the archives one behind the other, and behind them one with bootrc's arguments.
func (s Set) WriteInitramfs(w io.Writer) error {
	for _, file := range s.Archives() {
		if err := writeAligned(w, file); err != nil {
			return err
		}
	}
	own, err := s.ownArchive()
	if err != nil {
		return err
	}
	_, err = w.Write(own)
	return err
}

// writeAligned writes a file and zeroes up to a multiple of four, where the next archive begins.
func writeAligned(w io.Writer, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	n, err := io.Copy(w, f)
	if err != nil {
		return err
	}
	_, err = w.Write(make([]byte, -n&3))
	return err
}

// ownArchive is the archive with the arguments, empty where there are none.
func (s Set) ownArchive() ([]byte, error) {
	text := s.Own()
	if text == "" {
		return nil, nil
	}
	var b bytes.Buffer
	archive := cpio.NewWriter(&b)
	for _, folder := range []string{"etc", "etc/bootrc", "etc/bootrc/cmdline.d"} {
		if err := archive.WriteHeader(&cpio.Header{Name: folder, Mode: cpio.TypeDir | 0o755}); err != nil {
			return nil, err
		}
	}
	header := &cpio.Header{Name: ownFile, Mode: cpio.TypeReg | 0o644, Size: int64(len(text)), Links: 1}
	if err := archive.WriteHeader(header); err != nil {
		return nil, err
	}
	if _, err := archive.Write([]byte(text)); err != nil {
		return nil, err
	}
	err := archive.Close()
	return b.Bytes(), err
}
