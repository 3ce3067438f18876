package registry

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"bootrc/kit/durable"
	"bootrc/kit/regular"
)

// Login keeps credentials in an authentication file, for a registry or a part of one:
// registry.example/team. Whatever else the file says stays.
func Login(ctx context.Context, file, name string, c Credentials) error {
	if err := login(ctx, file, name, c); err != nil {
		return fmt.Errorf("log in to %s: %w", name, err)
	}
	return nil
}

func login(ctx context.Context, file, name string, c Credentials) error {
	if name == "" || strings.ContainsAny(name, " \t@") || c.User == "" {
		return errors.New("expected the name of a registry and a user")
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := durable.Create(ctx, file, 0o600)
	if err != nil {
		return err
	}
	defer f.Discard()
	all := make(map[string]json.RawMessage)
	auths := make(map[string]json.RawMessage)
	old, err := regular.Read(file, maxAuthFile)
	if err == nil && (json.Unmarshal(old, &all) != nil || all["auths"] != nil && json.Unmarshal(all["auths"], &auths) != nil) {
		return fmt.Errorf("%s is not JSON as containers-auth.json(5) describes it", file)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	auth := base64.StdEncoding.EncodeToString([]byte(c.User + ":" + c.Password))
	for old := range auths {
		if authKey(old) == authKey(name) {
			delete(auths, old)
		}
	}
	if auths[authKey(name)], err = json.Marshal(authEntry{Auth: auth}); err != nil {
		return err
	}
	if all["auths"], err = json.Marshal(auths); err != nil {
		return err
	}
	text, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		return err
	}
	if _, err := f.Write(append(text, '\n')); err != nil {
		return err
	}
	return f.Place()
}
