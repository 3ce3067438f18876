package fscrypt

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ErrForeignPolicy is wrapped for a folder that something else has encrypted, in a way
// that is not done here.
var ErrForeignPolicy = errors.New("it is encrypted by a version 1 policy")

// Encrypt has everything that will be made in folder, which must be empty, encrypted
// with a key that AddKey has given to its file system. For ever: there is no way back.
// Contents are encrypted by AES-256-XTS, names by AES-256-CBC-CTS and padded to
// multiples of 32 bytes: what every kernel with encryption has, and fscryptctl's default.
func Encrypt(folder string, id Identifier) error {
	policy := unix.FscryptPolicyV2{
		Version:                   unix.FSCRYPT_POLICY_V2,
		Contents_encryption_mode:  unix.FSCRYPT_MODE_AES_256_XTS,
		Filenames_encryption_mode: unix.FSCRYPT_MODE_AES_256_CTS,
		Flags:                     unix.FSCRYPT_POLICY_FLAGS_PAD_32,
		Master_key_identifier:     id,
	}
	if err := ioctl(folder, unix.FS_IOC_SET_ENCRYPTION_POLICY, unsafe.Pointer(&policy)); err != nil {
		return fmt.Errorf("encrypting %s with key %v: %w", folder, id, err)
	}
	return nil
}

// KeyOf returns the identifier of the key that folder is encrypted with. encrypted is
// false where it is not, or where its file system knows no encryption.
func KeyOf(folder string) (id Identifier, encrypted bool, err error) {
	arg := unix.FscryptGetPolicyExArg{Size: uint64(len(unix.FscryptGetPolicyExArg{}.Policy))}
	err = ioctl(folder, unix.FS_IOC_GET_ENCRYPTION_POLICY_EX, unsafe.Pointer(&arg))
	switch {
	case errors.Is(err, unix.ENODATA), errors.Is(err, ErrUnsupported), errors.Is(err, ErrDisabled):
		return Identifier{}, false, nil
	case err == nil && arg.Policy[0] != unix.FSCRYPT_POLICY_V2:
		err = ErrForeignPolicy
	}
	if err != nil {
		return Identifier{}, false, fmt.Errorf("reading the encryption policy of %s: %w", folder, err)
	}
	policy := (*unix.FscryptPolicyV2)(unsafe.Pointer(&arg.Policy))
	return policy.Master_key_identifier, true, nil
}
