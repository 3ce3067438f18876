package oci

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/size"
	"bootrc/kit/transport"
	"bootrc/oci/archive"
	"bootrc/oci/layer"
	"bootrc/oci/reference"
	"bootrc/oci/store"
)

// receive reads an archive from an address, and puts its layers into the store as they come: the
// archive itself is kept nowhere. Layers that are not the image's go when the addition ends.
func receive(ctx context.Context, ref reference.Reference, a *store.Addition, o Options) (source, error) {
	content, length, err := o.Open(ctx, ref.Path)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	shown := &progress{options: o, now: Progress{Reference: ref.String(), Total: max(length, 0)}}
	counted := shown.count(content)
	var unread error
	unpack := func(b layer.Blob) error {
		err := unpackUnnamed(ctx, b, a)
		if other, ok := errors.AsType[*layer.FormatError](err); ok {
			unread = cmp.Or(unread, error(other))
			return nil // it may be no layer: what the image misses is said at the end
		}
		return err
	}
	var src source
	if ref.Transport == reference.DockerArchive {
		src, err = archive.ReceiveDocker(counted, ref.Name, unpack)
	} else {
		src, err = archive.ReceiveLayout(counted, ref.Name, unpack)
	}
	if err != nil {
		return nil, fmt.Errorf("after %s: %w", size.Text(counted.read), err)
	}
	return received{src, counted.read, unread}, nil
}

// received is an archive whose layers have come.
type received struct {
	source
	bytes  int64
	unread error // of the first member that is no layer, or a broken one
}

// unpackUnnamed puts a member of an archive into the store, if it is a layer.
func unpackUnnamed(ctx context.Context, b layer.Blob, a *store.Addition) error {
	l, err := a.Unnamed()
	if err != nil {
		b.Content.Close()
		return err
	}
	defer l.Discard()
	report, err := b.Unpack(ctx, l.Folder)
	if err != nil {
		return err
	}
	l.Name(report.DiffID)
	return l.Commit()
}

// openerFor returns what opens addresses for a command: https and http here, and s3://ALIAS/… by
// its shell's command `s3 cat`.
func openerFor(call *command.Call) archive.Opener {
	return func(ctx context.Context, address string) (io.ReadCloser, int64, error) {
		u, err := url.Parse(address)
		if err != nil {
			return nil, 0, errors.New("not a URL")
		}
		if u.Scheme == "s3" {
			content, err := pipe(ctx, call, "s3", "cat", u.Host+u.Path)
			return content, -1, err
		}
		return transport.New(transport.Options{Limits: transport.Standard}).Open(ctx, address)
	}
}

// pipe runs another command of the caller's shell beside, and returns what it writes. An error of
// the command comes at the end.
func pipe(ctx context.Context, call *command.Call, line ...string) (io.ReadCloser, error) {
	other, inner, err := call.Other(line...)
	if err != nil {
		return nil, err
	}
	r, w := io.Pipe()
	inner.Stdin, inner.Stdout = strings.NewReader(""), w
	go func() { w.CloseWithError(other.Do(ctx, inner)) }()
	return r, nil
}
