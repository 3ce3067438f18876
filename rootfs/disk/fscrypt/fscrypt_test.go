package fscrypt

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/test/program"

	"golang.org/x/sys/unix"
)

func TestParseKey(t *testing.T) {
	of := func(size int) string { return base64.StdEncoding.EncodeToString(make([]byte, size)) }
	for _, tt := range []struct{ text, err string }{
		{of(64), ""},
		{of(32), ""},
		{" " + of(32) + "\n", ""},
		{of(31), "the key has 31 bytes, not 32 to 64"},
		{of(16), "the key has 16 bytes, not 32 to 64"},
		{of(65), "the key has 65 bytes, not 32 to 64"},
		{"", "the key has 0 bytes, not 32 to 64"},
		{"secret!", "the key is not base64"},
	} {
		_, err := ParseKey(tt.text)
		if got := ""; err != nil {
			got = err.Error()
			if got != tt.err {
				t.Errorf("%q: error %q, want %q", tt.text, got, tt.err)
			}
		} else if tt.err != "" {
			t.Errorf("%q: no error, want %q", tt.text, tt.err)
		}
	}
}

// ext4 mounts a new file system, made with these features, and returns its image
// and where it is mounted.
func ext4(t *testing.T, features string) (image, mounted string) {
	t.Helper()
	image, mounted = filepath.Join(t.TempDir(), "image"), t.TempDir()
	run(t, "truncate", "-s", "16M", image)
	run(t, "mkfs.ext4", "-q", "-O", features, image)
	run(t, "mount", "-o", "loop", image, mounted)
	t.Cleanup(func() { exec.Command("umount", mounted).Run() })
	return image, mounted
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(program.Need(t, name), args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

func TestEncryptedFolder(t *testing.T) {
	image, mounted := ext4(t, "encrypt")
	folder := filepath.Join(mounted, "folder")
	file := filepath.Join(folder, "a-name-to-look-for")
	content := strings.Repeat("a content to look for\n", 1000)
	key := Key(bytes.Repeat([]byte{7}, 64))

	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, encrypted, err := KeyOf(folder); err != nil || encrypted {
		t.Fatalf("a new folder: %v, %v", encrypted, err)
	}
	id, err := AddKey(folder, key)
	if err != nil {
		t.Fatal(err)
	}
	if err := Encrypt(folder, id); err != nil {
		t.Fatal(err)
	}
	if got, encrypted, err := KeyOf(folder); err != nil || !encrypted || got != id {
		t.Fatalf("an encrypted folder: %v, %v, %v, want %v", got, encrypted, err, id)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}

	if err := RemoveKey(mounted, id); err != nil {
		t.Fatal(err)
	}
	if there, err := HasKey(folder, id); err != nil || there {
		t.Errorf("the key is there after its removal: %v, %v", there, err)
	}
	if err := RemoveKey(mounted, id); err != nil {
		t.Errorf("removing a key twice: %v", err)
	}
	if got, err := os.ReadFile(file); err == nil {
		t.Errorf("without the key the file reads %.20q", got)
	}
	if err := os.WriteFile(filepath.Join(folder, "new"), nil, 0o644); !errors.Is(err, unix.ENOKEY) {
		t.Errorf("making a file without the key: %v", err)
	}
	run(t, "sync", "-f", mounted)
	raw, err := os.ReadFile(image)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"a content to look for", "a-name-to-look-for"} {
		if bytes.Contains(raw, []byte(secret)) {
			t.Errorf("the disk shows %q", secret)
		}
	}

	if again, err := AddKey(folder, key); err != nil || again != id {
		t.Fatalf("adding the key again: %v, %v, want %v", again, err, id)
	}
	if there, err := HasKey(folder, id); err != nil || !there {
		t.Errorf("the key is not there: %v, %v", there, err)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != content {
		t.Errorf("with the key again: %v, %.20q", err, got)
	}
}

// A program in C, with the kernel's header, reads the policy that is set here, and the key's
// identifier is the one that the kernel's documentation says ("Key hierarchy").
func TestPolicyReadInC(t *testing.T) {
	_, mounted := ext4(t, "encrypt")
	folder, reader := filepath.Join(mounted, "folder"), filepath.Join(t.TempDir(), "policy")
	run(t, "gcc", "-Wall", "-Werror", "-o", reader, "testdata/policy.c")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	key := bytes.Repeat([]byte{42}, 48)
	id, err := AddKey(mounted, key)
	if err != nil {
		t.Fatal(err)
	}
	if err := Encrypt(folder, id); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(reader, folder).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	derived, err := hkdf.Key(sha512.New, key, nil, "fscrypt\x00\x01", len(id))
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("contents AES-256-XTS: 1\nnames AES-256-CTS: 1\npadding 32: 1\nkey %x\n", derived)
	if string(out) != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
}

func TestRemoveKeyOfOpenFiles(t *testing.T) {
	_, mounted := ext4(t, "encrypt")
	folder := filepath.Join(mounted, "folder")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	id, err := AddKey(folder, bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	if err := Encrypt(folder, id); err != nil {
		t.Fatal(err)
	}
	open, err := os.Create(filepath.Join(folder, "file"))
	if err != nil {
		t.Fatal(err)
	}
	if err := RemoveKey(mounted, id); !errors.Is(err, ErrInUse) {
		t.Errorf("with an open file: %v", err)
	}
	open.Close()
	if err := RemoveKey(mounted, id); err != nil {
		t.Errorf("with the file closed: %v", err)
	}
}

func TestFolderWithFiles(t *testing.T) {
	_, mounted := ext4(t, "encrypt")
	id, err := AddKey(mounted, bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(mounted, "folder")
	if err := os.MkdirAll(filepath.Join(folder, "other"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Encrypt(folder, id); !errors.Is(err, unix.ENOTEMPTY) {
		t.Errorf("encrypting a folder with files: %v", err)
	}
}

func TestFileSystemsWithoutEncryption(t *testing.T) {
	_, plain := ext4(t, "^encrypt")
	memory := t.TempDir()
	run(t, "mount", "-t", "tmpfs", "test", memory)
	t.Cleanup(func() { exec.Command("umount", memory).Run() })
	for folder, want := range map[string]error{plain: ErrDisabled, memory: ErrUnsupported} {
		if _, err := AddKey(folder, bytes.Repeat([]byte{1}, 32)); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", folder, err, want)
		}
		if _, encrypted, err := KeyOf(folder); encrypted || err != nil {
			t.Errorf("%s: encrypted %v, %v", folder, encrypted, err)
		}
	}
}
