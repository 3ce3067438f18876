package container

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/regular"
	"bootrc/oci/container/bundle"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Secret is a secret of the command `secret` in a container: a file, or a variable.
type Secret struct {
	Name   string
	Env    bool
	Target string // the variable's name, or the file's path
	UID    uint32
	GID    uint32
	Mode   os.FileMode
}

// secretsFolder is where a container has the secrets whose path is no absolute one.
const secretsFolder = "/run/secrets"

// maxSecret bounds a secret, in bytes, as podman does.
const maxSecret = 512_000

var secrets = slice{
	options: []command.Option{{Names: "--secret", Value: "NAME[,type=mount|env][,target=TARGET][,uid=N][,gid=N][,mode=OCTAL]", Kind: command.List,
		Check: checkQuoting(parseSecret), Help: "give it a secret that `secret create` keeps: as a file in /run/secrets, or as a variable"}},
	read: func(call *command.Call, v *Invocation) error {
		for _, text := range call.List("secret") {
			s, _ := parseSecret(text)
			v.Options.Secrets = append(v.Options.Secrets, s)
		}
		return nil
	},
	write: writeSecrets,
}

func parseSecret(text string) (Secret, error) {
	s := Secret{Mode: 0o444}
	pairs, err := csv.NewReader(strings.NewReader(text)).Read()
	if err != nil {
		return s, fmt.Errorf("expected NAME,KEY=VALUE,…: %w", err)
	}
	s.Name = pairs[0]
	if err := CheckName(s.Name); err != nil {
		return s, err
	}
	s.Target = s.Name
	for _, pair := range pairs[1:] {
		key, value, _ := strings.Cut(pair, "=")
		var n uint64
		var err error
		switch key {
		case "type":
			if s.Env = value == "env"; !s.Env && value != "mount" {
				err = errors.New("expected mount or env")
			}
		case "target":
			if s.Target = value; value == "" {
				err = errNoValue
			}
		case "uid":
			n, err = strconv.ParseUint(value, 10, 32)
			s.UID = uint32(n)
		case "gid":
			n, err = strconv.ParseUint(value, 10, 32)
			s.GID = uint32(n)
		case "mode":
			n, err = strconv.ParseUint(value, 8, 12)
			s.Mode = os.FileMode(n)
		default:
			err = errors.New("expected type, target, uid, gid or mode")
		}
		if err != nil {
			return s, fmt.Errorf("%s: %w", pair, err)
		}
	}
	return s, nil
}

// writeSecrets copies secrets into memory that goes with the container.
func writeSecrets(d *draft) error {
	folder := ""
	for i, s := range d.options.Secrets {
		value, err := regular.Read(filepath.Join(d.runtime.Secrets, s.Name), maxSecret)
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("--secret=%s: there is no such secret: `secret create %[1]s FILE` makes one", s.Name)
		}
		if err != nil {
			return fmt.Errorf("--secret=%s: %w", s.Name, err)
		}
		if s.Env {
			d.Process.Env = mergeVariables(append(d.Process.Env, s.Target+"="+string(value)))
			d.secret = append(d.secret, s.Target)
			continue
		}
		if folder == "" {
			if folder, err = d.bundle.MakeMemory("secrets", "mode=711"); err != nil {
				return err
			}
		}
		file := filepath.Join(folder, strconv.Itoa(i))
		if err := s.write(d, file, value); err != nil {
			return fmt.Errorf("--secret=%s: %w", s.Name, err)
		}
		target := path.Clean(s.Target)
		if !path.IsAbs(target) {
			target = path.Join(secretsFolder, target)
		}
		addMounts(d.Spec, []specs.Mount{{Destination: target, Type: "bind", Source: file, Options: []string{"bind", "rprivate"}}})
	}
	return nil
}

func (s Secret) write(d *draft, file string, value []byte) error {
	if err := os.WriteFile(file, value, 0o600); err != nil {
		return err
	}
	if err := os.Chown(file, int(bundle.HostID(d.users.UIDs, s.UID)), int(bundle.HostID(d.users.GIDs, s.GID))); err != nil {
		return err
	}
	return os.Chmod(file, s.Mode)
}
