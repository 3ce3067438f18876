package mirror

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"
	"sync"

	"bootrc/s3/folder"
	"bootrc/s3/remote"
	"bootrc/s3/tree"
)

// download is from a prefix to a folder.
type download struct {
	*run
	src   *remote.Prefix
	dst   *folder.Folder
	stage *folder.Stage // nil in a dry run

	mu      sync.Mutex
	folders []tree.Entry // whose attributes come last: what is put into them changes their times
}

func (d *download) list(ctx context.Context, below string) (src, dst tree.Seq) {
	return listAlongside(ctx, d.src, d.dst, below), d.dst.List(ctx, below, d.Preserve)
}

func (d *download) stat(ctx context.Context, name string) (pair, error) {
	return statBoth(name,
		func() (tree.Entry, error) { return d.src.Stat(ctx, name) },
		func() (tree.Entry, error) { return d.dst.Stat(name, d.Preserve) })
}

func (d *download) prepare(e *tree.Entry) error {
	return folder.CheckName(e.Name)
}

func (d *download) compare(ctx context.Context, src, dst *tree.Entry) (verdict, error) {
	if !src.Known && (src.Kind == tree.Folder && d.Preserve || src.Kind == tree.File && src.Size == 0) {
		if err := d.src.Complete(ctx, src); err != nil {
			return missing, err
		}
	}
	if dst == nil {
		return missing, nil
	}
	if d.Preserve {
		dst.Fit() // what a store has no room for is not missing there
	}
	c := comparison{Options: d.Options, folder: d.dst, prefix: d.src}
	v, err := c.compare(ctx, dst, src)
	if folder.IsGone(err) {
		return missing, nil
	}
	if src.Kind == tree.Folder && v != differs {
		d.keepFolder(*src)
		return equal, err
	}
	return v, err
}

// keepFolder notes attributes that are set at the end.
func (d *download) keepFolder(e tree.Entry) {
	if !d.Preserve || d.DryRun || !e.Attributes.Owned {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.folders = append(d.folders, e)
}

func (d *download) copy(ctx context.Context, src tree.Entry, v verdict) error {
	if v == attributesDiffer {
		if err := d.dst.SetAttributes(src); err != nil {
			return err
		}
		d.count(Event{Action: Copied, Entry: tree.Entry{Name: src.Name, Kind: src.Kind}})
		return nil
	}
	switch src.Kind {
	case tree.Folder:
		if err := d.dst.MakeFolder(src.Name); err != nil {
			return err
		}
		d.keepFolder(src)
	case tree.Link, tree.HardLink:
		if err := d.stage.Link(d.kept(src)); err != nil {
			return err
		}
	default:
		return d.fetch(ctx, src)
	}
	d.count(Event{Action: Copied, Entry: src})
	return nil
}

// fetch downloads a file. An object that was replaced since it was listed is
// looked at again.
func (d *download) fetch(ctx context.Context, src tree.Entry) error {
	var err error
	for range attempts {
		if err = d.fetchOnce(ctx, src); !errors.Is(err, remote.ErrChanged) {
			break
		}
		again, statErr := d.src.Stat(ctx, src.Name)
		if statErr != nil {
			return statErr
		}
		src = again
	}
	return err
}

func (d *download) fetchOnce(ctx context.Context, src tree.Entry) error {
	file, err := d.stage.Create(src.Size)
	if err != nil {
		return err
	}
	e, err := d.src.Get(ctx, src, file, d.Moved)
	if err != nil {
		d.stage.Discard(file)
		return err
	}
	return d.stage.Commit(file, d.kept(e))
}

// kept returns what of an object's attributes its file gets.
func (d *download) kept(e tree.Entry) tree.Entry {
	if !d.Preserve {
		e.Attributes = tree.Attributes{Mtime: e.Attributes.Mtime, Target: e.Attributes.Target}
	}
	if e.Attributes.Mtime.IsZero() && e.Kind == tree.File {
		e.Attributes.Mtime = e.Modified
	}
	return e
}

// placed counts a file that has come into its place.
func (d *download) placed(e tree.Entry) {
	d.count(Event{Action: Copied, Entry: e})
}

func (d *download) settle() error {
	if d.stage == nil {
		return nil
	}
	return d.stage.Flush()
}

// remove goes from the end, so that a folder is empty when its turn comes. A folder
// goes with the last of what was in it; with --preserve also where it was empty,
// since an empty folder of the source is one that it lists.
func (d *download) remove(_ context.Context, names []string) {
	emptied := make(map[string]bool)
	for _, c := range d.blocked {
		emptied[c.Name+"/"] = true // a folder where there is to be a file
	}
	for _, name := range slices.Backward(names) {
		if name == "" || strings.HasSuffix(name, "/") && !d.Preserve && !emptied[name] {
			continue
		}
		removed := d.DryRun
		if !d.DryRun {
			var err error
			if removed, err = d.dst.Remove(name); err != nil {
				d.failed(name, err)
				continue
			}
		}
		if removed {
			d.count(Event{Action: Removed, Entry: tree.Entry{Name: name}})
			parent, _ := path.Split(strings.TrimSuffix(name, "/"))
			emptied[parent] = true
		}
	}
}

// close sets the attributes of folders from the lowest up, when nothing is put
// into them any more.
func (d *download) close() error {
	if d.stage == nil {
		return nil
	}
	err := d.stage.Close()
	for _, e := range slices.Backward(d.folders) {
		if err := d.dst.SetAttributes(e); err != nil {
			d.failed(e.Name, err)
		}
	}
	return err
}
