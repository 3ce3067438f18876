// Package fscrypt encrypts folders with the kernel's file-based encryption
// (Documentation/filesystems/fscrypt.rst): version 2 policies, on file systems that
// have the feature, such as ext4 made with -O encrypt. File names and contents are
// encrypted; sizes, times, modes and the number of files are not.
package fscrypt

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The sizes of a key, in bytes. The kernel takes keys from 16 bytes on, but those of
// less than 32 only for AES-128, which no policy here uses.
const (
	minKeySize = 32
	maxKeySize = unix.FSCRYPT_MAX_KEY_SIZE
)

// Errors about what the file system or its kernel cannot do.
var (
	// ErrUnsupported is wrapped where a file system has no encryption.
	ErrUnsupported = errors.New("this file system, or its kernel, has no encryption (CONFIG_FS_ENCRYPTION)")
	// ErrDisabled is wrapped where a file system could have encryption, and was made without.
	ErrDisabled = errors.New("this file system was made without encryption (mkfs.ext4 -O encrypt), or this kernel was (CONFIG_FS_ENCRYPTION)")
	// ErrInUse is wrapped where a key is gone, but not the files that are open.
	ErrInUse = errors.New("encrypted files are still open")
)

// Key is the raw bytes of a key.
type Key []byte

// ParseKey reads a key as a line of text has it: base64 (RFC 4648, section 4) of 32 to
// 64 bytes. Its errors do not show the key.
func ParseKey(text string) (Key, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, errors.New("the key is not base64")
	}
	if len(raw) < minKeySize || len(raw) > maxKeySize {
		return nil, fmt.Errorf("the key has %d bytes, not %d to %d", len(raw), minKeySize, maxKeySize)
	}
	return raw, nil
}

// Identifier names a key. The kernel derives it from the key, and it tells nothing of it.
type Identifier [unix.FSCRYPT_KEY_IDENTIFIER_SIZE]byte

// String is the identifier in hexadecimal.
func (id Identifier) String() string { return hex.EncodeToString(id[:]) }

func (id Identifier) specifier() unix.FscryptKeySpecifier {
	s := unix.FscryptKeySpecifier{Type: unix.FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER}
	copy(s.U[:], id[:])
	return s
}

// AddKey gives key to the file system that holds folder. What is encrypted with it can
// be read and written until RemoveKey.
func AddKey(folder string, key Key) (Identifier, error) {
	const head = unsafe.Sizeof(unix.FscryptAddKeyArg{})
	buffer := make([]uint64, (int(head)+len(key)+7)/8) // aligned as the argument is
	arg := (*unix.FscryptAddKeyArg)(unsafe.Pointer(&buffer[0]))
	arg.Key_spec.Type = unix.FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER
	arg.Raw_size = uint32(len(key))
	copy(unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(arg), head)), len(key)), key)
	err := ioctl(folder, unix.FS_IOC_ADD_ENCRYPTION_KEY, unsafe.Pointer(arg))
	id := Identifier(arg.Key_spec.U[:unix.FSCRYPT_KEY_IDENTIFIER_SIZE])
	clear(buffer)
	if err != nil {
		return Identifier{}, fmt.Errorf("adding a key to the file system of %s: %w", folder, err)
	}
	return id, nil
}

// RemoveKey takes a key away from the file system that holds folder, which must not be
// encrypted with it itself: to ask, it is opened. The kernel writes what is encrypted with it to the disk first, and forgets
// what it had decrypted. ErrInUse is wrapped when files are open that it cannot forget.
// A key that is not there is no error.
func RemoveKey(folder string, id Identifier) error {
	arg := unix.FscryptRemoveKeyArg{Key_spec: id.specifier()}
	err := ioctl(folder, unix.FS_IOC_REMOVE_ENCRYPTION_KEY, unsafe.Pointer(&arg))
	switch {
	case errors.Is(err, unix.ENOKEY):
		return nil
	case err == nil && arg.Removal_status_flags&unix.FSCRYPT_KEY_REMOVAL_STATUS_FLAG_FILES_BUSY != 0:
		err = ErrInUse
	}
	if err != nil {
		return fmt.Errorf("removing key %v from the file system of %s: %w", id, folder, err)
	}
	return nil
}

// HasKey tells whether a key is there for the file system that holds folder.
func HasKey(folder string, id Identifier) (bool, error) {
	arg := unix.FscryptGetKeyStatusArg{Key_spec: id.specifier()}
	if err := ioctl(folder, unix.FS_IOC_GET_ENCRYPTION_KEY_STATUS, unsafe.Pointer(&arg)); err != nil {
		return false, fmt.Errorf("asking the file system of %s for key %v: %w", folder, id, err)
	}
	return arg.Status == unix.FSCRYPT_KEY_STATUS_PRESENT, nil
}

// ioctl calls one of the kernel's ioctls on a folder.
func ioctl(folder string, request uint, arg unsafe.Pointer) error {
	f, err := os.OpenFile(folder, unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, _, number := unix.Syscall(unix.SYS_IOCTL, f.Fd(), uintptr(request), uintptr(arg))
	runtime.KeepAlive(arg)
	switch number {
	case 0:
		return nil
	case unix.ENOTTY:
		return ErrUnsupported
	case unix.EOPNOTSUPP:
		return ErrDisabled
	}
	return number
}
