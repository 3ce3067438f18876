package oci

import (
	"errors"
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

// podman is podman with a store of its own, as a farm's gateway has one.
type podman struct{ root, run string }

func newPodman(t *testing.T) podman {
	t.Helper()
	run, err := os.MkdirTemp("", "podman") // its path may have 50 characters
	if err != nil {
		t.Fatal(err)
	}
	p := podman{t.TempDir(), run}
	t.Cleanup(func() {
		// it leaves bind mounts of its own
		unix.Unmount(filepath.Join(p.root, "overlay"), unix.MNT_DETACH)
		os.RemoveAll(run)
	})
	return p
}

// call returns what podman prints, in one line.
func (p podman) call(t *testing.T, args ...string) string {
	t.Helper()
	args = append([]string{"--root", p.root, "--runroot", p.run, "--storage-driver", "overlay",
		"--cgroup-manager", "cgroupfs", "--runtime", "runc"}, args...)
	var stderr strings.Builder
	command := exec.Command("podman", args...)
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("podman (Debian's package podman) %v: %v: %s", args, err, &stderr)
	}
	return strings.TrimSpace(string(out))
}

func (p podman) pull(t *testing.T, reference string) (id string) {
	t.Helper()
	return p.call(t, "pull", "-q", "--tls-verify=false", reference)
}

// Images that podman pulled, loaded or built are found by ID, short ID and name, whenever
// podman adds them, and nothing is asked of a registry for an ID.
func TestPodmanStore(t *testing.T) {
	r := plainRegistry(t)
	base := layerTar(t, entry{"base", "x"})
	ids := make(map[string]string)
	p := newPodman(t)
	name := func(repository string) string { return r.host + "/" + repository + ":latest" }
	r.push(t, buildImage(t, base, layerTar(t, entry{"name", "pulled"})), "pulled", "latest")
	ids[name("pulled")] = p.pull(t, name("pulled"))
	s := attached(t, p.root)

	// all that follows comes after the machine has the store
	loaded := writeFile(t, tarOf(t, savedFiles(t, "loaded:v1"), nil))
	p.call(t, "load", "-q", "-i", loaded)
	ids["localhost/loaded:v1"] = p.call(t, "images", "-q", "--no-trunc", "loaded:v1")
	context := writeFolder(t, map[string][]byte{
		"Containerfile": []byte("FROM scratch\nCOPY name /\nENTRYPOINT [\"/bin/job\"]\n"), "name": []byte("built"),
	})
	ids["localhost/built:latest"] = p.call(t, "build", "-q", "-t", "built", context)
	ids["localhost/docker:latest"] = p.call(t, "build", "-q", "--format=docker", "-t", "docker", context)

	before := len(r.requests())
	for name, id := range ids {
		id = strings.TrimPrefix(id, "sha256:")
		want := strings.TrimSuffix(name[strings.LastIndex(name, "/")+1:], ":latest")
		want = strings.NewReplacer("docker", "built").Replace(want)
		for _, ref := range []string{id, "sha256:" + id, id[:12], id[:7]} {
			o := hasty()
			o.Registry.TLSVerify = false
			image, err := Get(t.Context(), s, mustParse(t, ref), Always, o)
			if err != nil {
				t.Errorf("%s %s: %v", name, ref, err)
				continue
			}
			if got := merged(t, image, "name"); got != want || !image.ReadOnly || image.ID.Hex != id {
				t.Errorf("%s %s: got %q in %v", name, ref, got, image)
			}
		}
		image, err := Get(t.Context(), s, mustParse(t, name), Missing, hasty())
		if err != nil || image.ID.Hex != id {
			t.Errorf("%s: got %v, %v", name, image, err)
		}
	}
	if got := r.requests()[before:]; len(got) > 0 {
		t.Errorf("it asked for %v", got)
	}
	checkEmpty(t, s)

	p.call(t, "rmi", "loaded:v1")
	id := strings.TrimPrefix(ids["localhost/loaded:v1"], "sha256:")
	if _, err := Get(t.Context(), s, mustParse(t, id), Always, hasty()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("removed by podman: got %v", err)
	}
}

// While podman adds and removes images, those that stay are found each time.
func TestPodmanStoreChanges(t *testing.T) {
	r := plainRegistry(t)
	base := layerTar(t, entry{"base", "x"})
	push := func(name string) string {
		r.push(t, buildImage(t, base, layerTar(t, entry{"kind", name})), name, "latest")
		return r.host + "/" + name + ":latest"
	}
	p := newPodman(t)
	id := p.pull(t, push("stays"))
	s := attached(t, p.root)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 4 {
			name := push(fmt.Sprint("other", i))
			p.pull(t, name)
			p.call(t, "rmi", name)
		}
	}()
	for n := 0; ; n++ {
		image, err := Get(t.Context(), s, mustParse(t, id), Always, hasty())
		if err != nil {
			t.Fatalf("look-up %d: %v", n, err)
		}
		if len(image.Layers) != 2 {
			t.Fatalf("look-up %d: got %v", n, image.Layers)
		}
		select {
		case <-done:
			return
		default:
		}
	}
}

// On a file system that shows none of overlayfs's attributes, as NFS and SMB are, what an
// image deleted stays deleted.
func TestPodmanStoreWithoutAttributes(t *testing.T) {
	r := plainRegistry(t)
	r.push(t, buildImage(t, peerLayers(t)...), "box", "latest")
	p := newPodman(t)
	id := p.pull(t, r.host+"/box")
	bare := t.TempDir()
	if err := unix.Mount("ramfs", bare, "ramfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(bare, unix.MNT_DETACH) })
	if out, err := exec.Command("cp", "-a", p.root+"/.", bare).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}

	var trees [2][]string
	for i, folder := range []string{p.root, bare} {
		s := attached(t, folder)
		image, err := Get(t.Context(), s, mustParse(t, id), Always, hasty())
		if err != nil {
			t.Fatal(err)
		}
		release, err := s.Hold(t.Context(), image)
		if err != nil {
			t.Fatal(err)
		}
		trees[i] = described(t, image, "podman's")
		// attributes of other kinds are lost with it
		for j, line := range trees[i] {
			trees[i][j], _, _ = strings.Cut(line, " capability ")
		}
		release()
		checkEmpty(t, s)
	}
	if !slices.Equal(trees[1], trees[0]) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(trees[1], "\n"), strings.Join(trees[0], "\n"))
	}

	splits, err := filepath.Glob(bare + "/overlay-layers/*.tar-split.gz")
	if err != nil || len(splits) == 0 {
		t.Fatalf("%v, %v", splits, err)
	}
	for _, name := range splits {
		if err := os.WriteFile(name, []byte("broken"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := attached(t, bare)
	image, err := Get(t.Context(), s, mustParse(t, id), Always, hasty())
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Hold(t.Context(), image)
	checkError(t, err, "image sha256:", ".tar-split.gz: ")
	checkEmpty(t, s)
}

// Newer versions of podman know no diff ID of layers that they pulled in parts.
func TestPodmanStoreWithoutDiffIDs(t *testing.T) {
	r := plainRegistry(t)
	r.push(t, buildImage(t, layerTar(t, entry{"v", "1"}), layerTar(t, entry{"v", "2"})), "box", "latest")
	p := newPodman(t)
	id := p.pull(t, r.host+"/box")
	out, err := exec.Command("sed", "-i", `s/"diff-digest":"[^"]*"/"toc-digest":""/g`, p.root+"/overlay-layers/layers.json").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	image, err := Get(t.Context(), attached(t, p.root), mustParse(t, id), Always, hasty())
	if err != nil {
		t.Fatal(err)
	}
	if got := merged(t, image, "v"); got != "2" {
		t.Errorf("got %q", got)
	}
}
