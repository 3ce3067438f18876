package mirror

import (
	"context"

	"bootrc/s3/folder"
	"bootrc/s3/remote"
	"bootrc/s3/tree"
)

// comparison compares a file with an object.
//
// Sizes are compared first, then the file's modification time with the one that
// the object's metadata record, where a listing has told them. Where not, a small
// file is read and its MD5 compared with the ETag, which is certain and costs no
// request; for a large one, the metadata are asked for.
type comparison struct {
	Options
	folder *folder.Folder
	prefix *remote.Prefix
	up     bool // the file is the source
}

// hashedSize is up to where reading a file is cheaper than a request.
const hashedSize = 64 << 10

// compare tells how the file and the object differ. It completes the object's
// entry where it had to be looked at.
func (c *comparison) compare(ctx context.Context, file, object *tree.Entry) (verdict, error) {
	if !object.Known && object.Kind == tree.File && object.Size == 0 {
		if err := c.prefix.Complete(ctx, object); err != nil { // it may stand for a link
			return differs, err
		}
	}
	if file.Kind != object.Kind || file.Size != object.Size {
		return differs, nil
	}
	if file.Kind != tree.File {
		return c.compareSpecial(ctx, file, object)
	}
	same, err := c.sameContent(ctx, file, object)
	if err != nil || !same {
		return differs, err
	}
	return c.compareAttributes(ctx, file, object)
}

func (c *comparison) compareSpecial(ctx context.Context, file, object *tree.Entry) (verdict, error) {
	if file.Kind != tree.Folder && file.Attributes.Target != object.Attributes.Target {
		return differs, nil
	}
	if file.Kind == tree.HardLink {
		return equal, nil
	}
	return c.compareAttributes(ctx, file, object)
}

// sameContent compares files of one size.
func (c *comparison) sameContent(ctx context.Context, file, object *tree.Entry) (bool, error) {
	if c.Checksum {
		return c.matches(ctx, file, object)
	}
	if object.Known && !object.Attributes.Mtime.IsZero() {
		return tree.SameTime(file.Attributes.Mtime, object.Attributes.Mtime), nil
	}
	if object.MD5 != "" && object.Size <= hashedSize {
		return c.matches(ctx, file, object)
	}
	if !object.Known {
		if err := c.prefix.Complete(ctx, object); err != nil {
			return false, err
		}
		if !object.Attributes.Mtime.IsZero() {
			return tree.SameTime(file.Attributes.Mtime, object.Attributes.Mtime), nil
		}
	}
	return c.unchangedSince(file, object), nil
}

// matches compares contents.
func (c *comparison) matches(ctx context.Context, file, object *tree.Entry) (bool, error) {
	content, err := c.folder.OpenFile(file.Name)
	if err != nil {
		return false, err
	}
	defer content.Close()
	return c.prefix.Matches(ctx, *object, content)
}

// unchangedSince is the last resort for objects without a recorded time: a
// download gets the time of the upload.
func (c *comparison) unchangedSince(file, object *tree.Entry) bool {
	changed := c.prefix.ServerTime(file.Attributes.Mtime)
	if c.up {
		return !changed.After(object.Modified)
	}
	return file.Attributes.Mtime.Equal(object.Modified) || !changed.Before(object.Modified)
}

// compareAttributes compares what is to be preserved.
func (c *comparison) compareAttributes(ctx context.Context, file, object *tree.Entry) (verdict, error) {
	if !c.Preserve {
		return equal, nil
	}
	if !object.Known {
		if err := c.prefix.Complete(ctx, object); err != nil {
			return differs, err
		}
	}
	if !object.Attributes.Owned && !c.up {
		return equal, nil // nobody recorded any
	}
	if !file.Attributes.Equal(object.Attributes) {
		return attributesDiffer, nil
	}
	return equal, nil
}
