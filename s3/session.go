package s3

import (
	"fmt"

	"bootrc/kit/command"
	"bootrc/s3/alias"
	"bootrc/s3/remote"
)

// session is one call of a command that asks a store.
type session struct {
	call       *command.Call
	resolver   *resolver
	remote     remote.Options
	encryption encryptions
}

func newSession(call *command.Call, aliases alias.File) *session {
	return &session{
		call: call,
		resolver: &resolver{
			aliases:  alias.Set{Environ: call.Env, File: aliases},
			dir:      call.Dir,
			getenv:   call.Getenv,
			endpoint: call.Text("endpoint"),
		},
		remote: connection(call),
	}
}

// open returns the place in a store that a word names.
func (s *session) open(word string) (location, *remote.Store, error) {
	l, err := s.resolver.locate(word)
	if err != nil {
		return l, nil, err
	}
	if l.isFolder() {
		return l, nil, fmt.Errorf("%s is not in a store: ALIAS/BUCKET is", word)
	}
	store, err := remote.Open(l.alias, s.remote)
	return l, store, err
}

// openObject opens the object that a word names: as the last part of a prefix.
func (s *session) openObject(word string) (*remote.Prefix, string, error) {
	l, store, err := s.open(word)
	if err != nil {
		return nil, "", err
	}
	if l.bucket == "" || l.key == "" {
		return nil, "", fmt.Errorf("%s names no object: ALIAS/BUCKET/NAME does", word)
	}
	p := &remote.Prefix{Store: store, Bucket: l.bucket}
	if p.Encryption, err = s.encryption.of(l); err != nil {
		return nil, "", err
	}
	return p, l.key, p.Check()
}
