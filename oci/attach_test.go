package oci

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bootrc/oci/store"

	"golang.org/x/sys/unix"
)

// A storeMaker writes an image store that has the image of the registry's
// reference, and returns its folder.
type storeMaker func(t testing.TB, reference string) string

// podmanStore is made by skopeo, which has podman's library for it.
func podmanStore(t testing.TB, reference string) string {
	t.Helper()
	root, run := t.TempDir(), t.TempDir()
	out, err := exec.Command("skopeo", "--insecure-policy", "copy", "--src-tls-verify=false", "docker://"+reference,
		fmt.Sprintf("containers-storage:[overlay@%s+%s]%s", root, run, reference)).CombinedOutput()
	if err != nil {
		t.Fatalf("skopeo (Debian's package skopeo): %v: %s", err, out)
	}
	// it leaves a bind mount of its own
	unix.Unmount(filepath.Join(root, "overlay"), unix.MNT_DETACH)
	return root
}

func ownStore(t testing.TB, reference string) string {
	t.Helper()
	s := openStore(t)
	if _, err := Pull(t.Context(), s, mustParse(t, reference), hasty()); err != nil {
		t.Fatal(err)
	}
	return s.Root()
}

// attached returns an empty store with the folder attached, read-only.
func attached(t testing.TB, folder string) *store.Store {
	t.Helper()
	view := t.TempDir()
	if err := unix.Mount(folder, view, "", unix.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(view, unix.MNT_DETACH) })
	if err := unix.Mount("", view, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	s := openStore(t)
	if err := s.Attach(view); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAttached(t *testing.T) {
	for kind, make := range map[string]storeMaker{"podman's": podmanStore, "ours": ownStore} {
		t.Run(kind, func(t *testing.T) {
			r := plainRegistry(t)
			layers := peerLayers(t)
			r.push(t, buildImage(t, layers...), "box", "latest")
			reference := r.host + "/box:latest"
			s := attached(t, make(t, reference))

			// by name, by ID and by digest, with no request, and no more than one for always
			before := len(r.requests())
			named, err := Get(t.Context(), s, mustParse(t, reference), Missing, hasty())
			if err != nil {
				t.Fatal(err)
			}
			for _, ref := range []string{named.ID.Hex, named.ID.Hex[:12], named.ID.String(), named.Digest.String()} {
				image, err := Get(t.Context(), s, mustParse(t, ref), Always, hasty())
				if err != nil || image.Digest != named.Digest || !image.ReadOnly {
					t.Errorf("%s: got %v, %v", ref, image, err)
				}
			}
			if got := r.requests()[before:]; len(got) > 0 {
				t.Errorf("it asked for %v", got)
			}
			if _, err := Get(t.Context(), s, mustParse(t, reference), Always, hasty()); err != nil {
				t.Error(err)
			}
			if got, want := r.requests()[before:], []string{"GET /v2/box/manifests/latest"}; !slices.Equal(got, want) {
				t.Errorf("it asked for %v, want %v", got, want)
			}
			checkEmpty(t, s)

			// what the kernel shows is what a pull would have made
			pulled, err := Pull(t.Context(), openStore(t), mustParse(t, reference), hasty())
			if err != nil {
				t.Fatal(err)
			}
			got, want := described(t, named, kind), described(t, pulled, kind)
			if !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}

			// another image takes its layers from there
			r.push(t, buildImage(t, append(layers, layerTar(t, entry{"top", "x"}))...), "taller", "latest")
			before = len(r.requests())
			taller, err := Pull(t.Context(), s, mustParse(t, r.host+"/taller"), hasty())
			if err != nil {
				t.Fatal(err)
			}
			if got := r.requests()[before:]; len(got) != 3 {
				t.Errorf("it asked for %v, want manifest, configuration and one layer", got)
			}
			if n := len(taller.Layers); n != len(named.Layers)+1 || taller.ReadOnly {
				t.Errorf("got %v", taller)
			}
			if err := s.Remove(t.Context(), reference); err == nil || !strings.Contains(err.Error(), "cannot be written") {
				t.Errorf("remove: %v", err)
			}
		})
	}
}

// described returns what the kernel shows of an image, but for what podman's
// library does otherwise: the times of hard links, and a whiteout beside a folder of
// its name, which there hides nothing.
func described(t *testing.T, image *store.Image, kind string) []string {
	lines := describeTree(t, mountLayers(t, image.Layers))
	return slices.DeleteFunc(lines, func(line string) bool {
		name, _, _ := strings.Cut(line, " ")
		return kind == "podman's" && slices.Contains([]string{"bin/login", "bin/su", "anew/old"}, name)
	})
}

// A name that moved on in the registry is pulled, and then found in the store
// that can be written.
func TestAttachedIsOlder(t *testing.T) {
	r := plainRegistry(t)
	r.push(t, buildImage(t, layerTar(t, entry{"v", "1"})), "box", "latest")
	s := attached(t, podmanStore(t, r.host+"/box:latest"))
	r.push(t, buildImage(t, layerTar(t, entry{"v", "2"})), "box", "latest")
	ref := mustParse(t, r.host+"/box")
	for _, step := range []struct {
		policy Policy
		want   string
	}{{Missing, "1"}, {Always, "2"}, {Missing, "2"}} {
		image, err := Get(t.Context(), s, ref, step.policy, hasty())
		if err != nil {
			t.Fatal(err)
		}
		if got := merged(t, image, "v"); got != step.want {
			t.Errorf("%s: got version %s, want %s", step.policy, got, step.want)
		}
	}
}

func TestAttachRefuses(t *testing.T) {
	r := plainRegistry(t)
	r.push(t, buildImage(t, layerTar(t, entry{"etc/a", "x"})), "box", "latest")
	edit := func(change func(root string) error) string {
		root := podmanStore(t, r.host+"/box:latest")
		if err := change(root); err != nil {
			t.Fatal(err)
		}
		return root
	}
	everyLayer := func(root string, change func(diff string) error) error {
		diffs, err := filepath.Glob(root + "/overlay/*/diff")
		if err != nil || len(diffs) == 0 {
			return fmt.Errorf("no layers: %w", err)
		}
		return change(diffs[0])
	}
	tests := map[string]struct{ folder, want string }{
		"nothing there": {t.TempDir(), "neither a store of ours nor one of podman"},
		"no folder":     {"/nonexistent", "neither a store of ours nor one of podman"},
		"another driver": {writeFolder(t, map[string][]byte{"vfs-images/images.json": []byte("[]")}),
			"neither a store of ours nor one of podman with the driver overlay"},
		"a newer layout": {writeFolder(t, map[string][]byte{"version": []byte("7"), "layers/a": nil, "images/a": nil, "names/a": nil}),
			"layout version 7"},
		"broken images.json": {edit(func(root string) error { return os.Truncate(root+"/overlay-images/images.json", 30) }),
			"overlay-images/images.json is broken"},
		"broken layers.json": {edit(func(root string) error {
			return os.WriteFile(root+"/overlay-layers/layers.json", []byte("\x00"), 0o600)
		}),
			"overlay-layers/layers.json is broken"},
		"a user's": {edit(func(root string) error {
			return everyLayer(root, func(diff string) error { return os.Chown(filepath.Dir(diff), 1000, 1000) })
		}), "it is a rootless store, of user 1000"},
		"a user's, by attributes": {edit(func(root string) error {
			return everyLayer(root, func(diff string) error {
				return unix.Setxattr(diff+"/etc", "user.overlay.opaque", []byte("y"), 0)
			})
		}), "has the attribute user.overlay.opaque"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := openStore(t)
			err := s.Attach(test.folder)
			checkError(t, err, "attach image store "+test.folder+": ", test.want)
			if err := s.Attach(test.folder); err != nil {
				t.Errorf("said twice: %v", err)
			}
			if images, err := s.Images(); err != nil || len(images) > 0 {
				t.Errorf("got %v, %v", images, err)
			}
		})
	}
}

// Images of an attached store that have lost something do not exist.
func TestAttachedDamage(t *testing.T) {
	r := plainRegistry(t)
	r.push(t, buildImage(t, layerTar(t, entry{"v", "1"})), "box", "latest")
	damage := map[string]func(root string) error{
		"no layer":    func(root string) error { return removeAll(root + "/overlay/*/diff") },
		"no manifest": func(root string) error { return removeAll(root + "/overlay-images/*/manifest") },
		"no files":    func(root string) error { return removeAll(root + "/overlay-images/*/*") },
		"no images":   func(root string) error { return os.WriteFile(root+"/overlay-images/images.json", []byte("[]"), 0o600) },
		"odd IDs": func(root string) error {
			return os.WriteFile(root+"/overlay-images/images.json", []byte(`[{"id":"../..","digest":"x","names":["a"]},{}]`), 0o600)
		},
	}
	for name, f := range damage {
		t.Run(name, func(t *testing.T) {
			root := podmanStore(t, r.host+"/box:latest")
			if err := f(root); err != nil {
				t.Fatal(err)
			}
			s := attached(t, root)
			if _, err := Get(t.Context(), s, mustParse(t, r.host+"/box"), Never, hasty()); err == nil {
				t.Error("it is found")
			}
			image, err := Get(t.Context(), s, mustParse(t, r.host+"/box"), Missing, hasty())
			if err != nil || image.ReadOnly {
				t.Errorf("not pulled: %v, %v", image, err)
			}
		})
	}
}

func removeAll(pattern string) error {
	paths, err := filepath.Glob(pattern)
	for _, path := range paths {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return err
}
