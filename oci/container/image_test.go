package container

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Images as people have them. What a container of each sees is what podman 4.3 shows of it.
func TestImagesAsTheyAre(t *testing.T) {
	const passwd = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"
	move := func(from, to string) func(*testing.T, string) { // and leave an absolute link
		return func(t *testing.T, layer string) {
			from, to := filepath.Join(layer, from), filepath.Join(layer, to)
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(from, to); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			if err := os.Symlink(strings.TrimPrefix(to, layer), from); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func(name string) func(*testing.T, string) {
		return func(t *testing.T, layer string) {
			if err := os.RemoveAll(filepath.Join(layer, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	file := func(name, content string) func(*testing.T, string) {
		return func(t *testing.T, layer string) { write(t, filepath.Join(layer, name), content) }
	}
	for name, tt := range map[string]struct {
		change       func(t *testing.T, layer string)
		config       v1.Config
		words        string
		script, want string
	}{
		"etc is an absolute link":         {change: move("etc", "nix/store/etc"), script: "cat /etc/hostname; ls -l /etc/mtab | sed 's/.* -> //'", words: "-h|box", want: "box\n/proc/mounts\n"},
		"passwd is an absolute link":      {change: move("etc/passwd", "nix/store/passwd"), words: "-u|1234", script: "id -u; tail -n 1 /etc/passwd; wc -l </nix/store/passwd", want: "1234\n1234:*:1234:0:container user:/:/bin/sh\n2\n"},
		"a name behind such a link":       {change: move("etc/passwd", "nix/store/passwd"), words: "-u|nobody", script: "id -u", want: "65534\n"},
		"hosts is an absolute link":       {change: move("etc/hosts", "nix/hosts"), words: "-h|box", script: "grep -c box /etc/hosts", want: "1\n"},
		"run is an absolute link":         {change: move("run", "var/run"), script: "ls -a /run /var/run | grep -c containerenv", want: "2\n"},
		"run is a link that dangles":      {change: move("run", "no/where"), script: "ls -a /no/where | grep containerenv", want: ".containerenv\n"},
		"run is a link, and a tmpfs":      {change: move("run", "var/run"), words: "--systemd=always", script: "grep -c ' /var/run tmpfs' /proc/mounts", want: "1\n"},
		"tmp is an absolute link":         {change: move("tmp", "var/tmp"), words: "--tmpfs=/tmp", script: "touch /tmp/x; ls /var/tmp; grep -c ' /var/tmp tmpfs' /proc/mounts", want: "x\n1\n"},
		"bin is an absolute link":         {change: move("bin", "usr/bin"), script: "echo here", want: "here\n"},
		"a volume behind a link":          {change: move("data", "srv/data"), words: "-v|/data", script: "cat /srv/data/file", want: "the image's\n"},
		"a volume of the image's":         {change: move("data", "srv/data"), config: v1.Config{Volumes: map[string]struct{}{"/data": {}}}, script: "cat /srv/data/file; grep -c ' /srv/data ' /proc/mounts", want: "the image's\n1\n"},
		"the workdir behind a link":       {change: move("data", "srv/data"), config: v1.Config{WorkingDir: "/data/inner"}, script: "pwd -P", want: "/srv/data/inner\n"},
		"a workdir that is missing":       {config: v1.Config{WorkingDir: "/work/deep", User: "1234:77"}, script: "stat -c '%u:%g %a' /work /work/deep; pwd", want: "0:0 755\n1234:77 755\n/work/deep\n"},
		"a workdir that is there":         {config: v1.Config{WorkingDir: "/data", User: "1234"}, script: "stat -c '%u' .", want: "0\n"},
		"a number":                        {config: v1.Config{User: "1234", WorkingDir: "/data"}, script: "cat /etc/passwd; tail -n 1 /etc/group; echo $HOME; stat -c %a /etc/passwd", want: passwd + "1234:*:1234:0:container user:/data:/bin/sh\n1234:x:1234:1234\n/data\n644\n"},
		"a number and a group":            {config: v1.Config{User: "1234:77"}, script: "tail -n 1 /etc/passwd; tail -n 1 /etc/group", want: "1234:*:1234:77:container user:/:/bin/sh\n77:x:77:1234\n"},
		"a number and a name":             {config: v1.Config{User: "1234:extra"}, script: "tail -n 1 /etc/passwd; tail -n 1 /etc/group; id -gn", want: "1234:*:1234:55:container user:/:/bin/sh\nextra:x:55:\nextra\n"},
		"a number that has an entry":      {config: v1.Config{User: "65534:55"}, script: "cat /etc/passwd; tail -n 1 /etc/group; echo $HOME", want: passwd + "extra:x:55:\n/\n"},
		"a number without any file":       {change: remove("etc"), config: v1.Config{User: "1234"}, script: "cat /etc/passwd /etc/group", want: "1234:*:1234:0:container user:/:/bin/sh\n1234:x:1234:1234\n"},
		"a file without its last \\n":     {change: file("etc/passwd", "root:x:0:0::/:/bin/sh"), config: v1.Config{User: "1234"}, script: "tail -n 1 /etc/passwd", want: "1234:*:1234:0:container user:/:/bin/sh\n"},
		"a number, and nothing to change": {config: v1.Config{User: "1234"}, words: "--read-only", script: "id -un", want: "1234\n"},
		"root by number":                  {change: remove("etc"), config: v1.Config{User: "0"}, script: "cat /etc/passwd", want: "0:*:0:0:container user:/:/bin/sh\n"},
		"an entrypoint of nothing":        {config: v1.Config{Entrypoint: []string{""}}, script: "echo ran", want: "ran\n"},
		"an mtab of its own":              {change: file("etc/mtab", "mine\n"), script: "cat /etc/mtab", want: "mine\n"},
		"an mtab that is missing":         {script: "grep -c '^proc /proc ' /etc/mtab", want: "1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			image := testImage(t)
			if tt.change != nil {
				tt.change(t, image.Layers[0])
			}
			tt.config.Env = []string{"PATH=/bin"}
			image.Config = tt.config
			words := tt.words
			if words == "" {
				words = "--rm"
			}
			got, status, err := runWords(t, newTestRuntime(t), image, words, "sh", "-c", tt.script)
			if err != nil || status != 0 || got != tt.want {
				t.Errorf("status %d, error %v, %q\nwant %q", status, err, got, tt.want)
			}
		})
	}
}
