package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"bootrc/init/boot"
	"bootrc/init/console"
	"bootrc/test/namespace"

	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) { namespace.Main(m) }

// mistake is a wrong word on the kernel's command line, and the hooks that meet it, or a
// script in place of the hooks; and what is said of it: with the operand, the cause, and what to do.
type mistake struct {
	line, hooks, script string
	said                string
}

var mistakes = []mistake{
	// the line itself
	{line: `b2c.runn=x`, said: `unknown argument "b2c.runn" is ignored; did you mean "b2c.run"?`},
	{line: `b2c.run='alpine true'`, said: `argument b2c.run: a single quote quotes nothing on the kernel's command line: write b2c.run="…"`},
	{line: `b2c.run="alpine`, said: `argument "b2c.run": a double quote is not closed: write b2c.run="…"`},
	{line: `b2c.run=alpine echo hello`, said: `argument b2c.run: the 2 words behind it are no part of it: write b2c.run="…" with all of them`},
	{line: `b2c.run=-ti docker://x quiet`, said: `argument b2c.run: the word behind it is no part of it: write b2c.run="…" with all of them`},
	{line: `b2c.pipefail=maybe`, said: `argument b2c.pipefail=maybe: a flag is 1 or 0`},
	{line: `b2c.run`, said: `argument b2c.run: a value is missing: b2c.run=[OPTIONS] IMAGE [COMMAND…]`},
	{line: `b2c.log=xml`, said: `argument b2c.log=xml: expected gitlab or plain or json`},
	{line: `b2c.on_crash=shel`, said: `argument b2c.on_crash=shel: expected shell or reboot or poweroff; did you mean "shell"?`},
	{line: `b2c.pull=allways`, said: `argument b2c.pull=allways: expected always or newer or missing or never; did you mean "always"?`},
	{line: `b2c.offline=yes`, said: `argument b2c.offline=yes: expected allow or deny`},
	{line: `b2c.poweroff_delay=soon`, said: `argument b2c.poweroff_delay=soon: "soon" is not a time: give seconds, such as 0.5, or a number with m, h or d`},
	{line: `b2c.skip=netwrok`, hooks: "30-network.sh", said: `argument b2c.skip=netwrok: no such phase; did you mean "network"?; there are: network, end`},
	{line: `b2c.deadline=5x`, said: `argument b2c.deadline=5x: "5x" is not a time: give seconds, such as 0.5, or a number with m, h or d`},
	{line: `b2c.watchdog=x`, said: `argument b2c.watchdog=x: expected a number of seconds, or firmware`},
	{line: `b2c.extra_args=base64:!`, said: `argument b2c.extra_args: illegal base64 data at input byte 0`},
	// containers
	{hooks: "60-run.sh", said: `nothing to run: b2c.run= names no container (where hooks do all the work: b2c.skip=run)`},
	{line: `b2c.run="--prvileged docker://x"`, hooks: "60-run.sh", said: `b2c.run=--prvileged docker://x: unknown option --prvileged; did you mean "--privileged"?`},
	{line: `b2c.run="--pod=x docker://x"`, hooks: "60-run.sh", said: `b2c.run=--pod=x docker://x: --pod is not supported: there are no pods: services stand beside a container, b2c.run_service=`},
	{line: `b2c.run="-e A=1"`, hooks: "60-run.sh", said: `b2c.run=-e A=1: no image given`},
	{line: `b2c.run="docker://x sh -c 'echo"`, hooks: "60-run.sh", said: `b2c.run=docker://x sh -c 'echo: line 1: syntax error: the quote ' is not closed: another ' is missing`},
	{line: `b2c.run="docker://x true; poweroff"`, hooks: "60-run.sh", said: `b2c.run=docker://x true; poweroff: line 1: syntax error: ";" is no word: put it into single quotes, or write sh -c '…'`},
	{line: `b2c.run="-v data:/x:rx docker://x"`, hooks: "60-run.sh", said: `b2c.run=-v data:/x:rx docker://x: -v: data:/x:rx: unknown option "rx"`},
	{line: `b2c.run="-v data docker://x"`, hooks: "60-run.sh", said: `b2c.run=-v data docker://x: -v: data: the destination "data" must be an absolute path`},
	{line: `b2c.run="-m lots docker://x"`, hooks: "60-run.sh", said: `b2c.run=-m lots docker://x: -m: "lots" is not a size: give bytes, or a number with K, M or G`},
	{line: `b2c.run="--restart=sometimes docker://x"`, hooks: "60-run.sh", said: `b2c.run=--restart=sometimes docker://x: --restart: sometimes: expected no, on-failure[:TIMES] or always`},
	{line: `b2c.run="--pull=never docker://localhost:1/x"`, hooks: "60-run.sh", said: `b2c.run=--pull=never docker://localhost:1/x: localhost:1/x:latest: no such image in the store`},
	{line: `b2c.run="--env-file=/nosuch docker://x"`, hooks: "60-run.sh", said: `b2c.run=--env-file=/nosuch docker://x: --env-file: /nosuch: open /nosuch: no such file or directory`},
	{line: `b2c.run="oci:/nosuch"`, hooks: "60-run.sh", said: `b2c.run=oci:/nosuch: pull oci:/nosuch: not an image layout: open /nosuch/index.json: no such file or directory`},
	{line: `b2c.run_service="--helth-cmd=x docker://x"`, hooks: "60-run.sh", said: `b2c.run_service=--helth-cmd=x docker://x: unknown option --helth-cmd; did you mean "--health-cmd"?`},
	// the network
	{line: `b2c.iface=eth7,dhcp b2c.network_timeout=1`, hooks: "30-network.sh", said: `b2c.iface: interface eth7 did not appear within 1 second; there are lo`},
	{line: `b2c.iface=lo,adress=10.0.0.1/8`, hooks: "30-network.sh", said: `b2c.iface=lo: unknown key "adress=10.0.0.1/8"; did you mean "address"?; known are auto,`},
	{line: `b2c.iface=lo,address=10.0.0.1`, hooks: "30-network.sh", said: `b2c.iface=lo: address=10.0.0.1 has no prefix length, and stands for this host alone: write 10.0.0.1/24`},
	{line: `b2c.iface=lo,address=10.0.0.300/8`, hooks: "30-network.sh", said: `b2c.iface: interface lo: address=10.0.0.300/8: "10.0.0.300/8" is not ADDRESS/LENGTH, such as 192.0.2.7/24`},
	{line: `b2c.iface=lo,gateway=x`, hooks: "30-network.sh", said: `b2c.iface: interface lo: gateway=x: "x" is no IP address`},
	{line: `b2c.iface=lo,route=10.0.0.0/8`, hooks: "30-network.sh", said: `b2c.iface: interface lo: route=10.0.0.0/8: "10.0.0.0/8" is not DST:GW, such as 10.0.0.0/8:10.1.1.1`},
	{line: `ip=dhpc`, hooks: "30-network.sh", said: `ipconfig: ip=dhpc: no IP address, and "dhpc": expected dhcp, on, any,`},
	{line: `ip=eth0:dhpc`, hooks: "30-network.sh", said: `ipconfig: ip=eth0:dhpc: client-ip: "eth0" is no IP address`},
	{line: `team=t0:eth0`, hooks: "30-network.sh", said: `ipconfig: team=t0:eth0: there are no teams here, whose ports a daemon of their own would have to watch: write bond=, with mode=active-backup or mode=802.3ad`},
	{line: `vlan=x`, hooks: "30-network.sh", said: `ipconfig: vlan=x: "x" is not NAME:INTERFACE, such as eth0.5:eth0`},
	{line: `b2c.network_timeout=soon`, said: `argument b2c.network_timeout=soon: "soon" is not a time: give seconds, such as 0.5, or a number with m, h or d`},
	{line: `b2c.network_timeout=1`, hooks: "30-network.sh", said: `dhcp: no network interface appeared within 1 second; seen so far:`},
	{line: `b2c.dhcp=vendorclass=x b2c.network_timeout=1`, hooks: "30-network.sh", said: `b2c.dhcp=vendorclass=x: unknown key; known are vendor-class,`},
	{line: `BOOTIF=zz b2c.network_timeout=1`, hooks: "30-network.sh", said: `BOOTIF=zz: expected a hardware address, such as 01-52-54-00-12-34-56`},
	// configuration
	{line: `b2c.proxy=proxy:3128`, hooks: "40-config.sh", said: `b2c.proxy: "proxy:3128": expected http=URL, https=URL or no_proxy=HOST|HOST`},
	{line: `b2c.minio=farm,http://x`, hooks: "40-config.sh", said: `b2c.minio=farm,…: not ALIAS,URL,ACCESS_KEY,SECRET_KEY`},
	{line: `b2c.minio=farm,x,y,z`, hooks: "40-config.sh", said: `b2c.minio=farm,…: alias "farm": the URL must begin with http:// or https://`},
	{line: `b2c.extra_args_url=ftp://x`, hooks: "40-config.sh", said: `b2c.extra_args_url: ftp://x: neither http://…, https://… nor s3://ALIAS/BUCKET/KEY`},
	{line: `b2c.extra_args_url=s3://nosuch/x`, hooks: "40-config.sh", said: "b2c.extra_args_url: nosuch/x: there is no alias \"nosuch\" (b2c.minio=nosuch,URL,ACCESS_KEY,SECRET_KEY makes it, and `s3 alias ls` lists those there are), and no such folder"},
	{line: `b2c.hook=late.sh,http://h/`, hooks: "40-config.sh", said: `b2c.hook=late.sh,http://h/: a hook's name has the form NN-name.sh`},
	{line: `b2c.hook=55-late.sh,http://127.0.0.1:1/late.sh`, hooks: "40-config.sh", said: `b2c.hook=55-late.sh,http://127.0.0.1:1/late.sh: http://127.0.0.1:1/late.sh: dial tcp 127.0.0.1:1: connect: connection refused`},
	{line: `b2c.hostname=a/b`, hooks: "42-identity.sh", said: `b2c.hostname=a/b: only letters, digits, '.', '-' and '_' can be in a host's name`},
	{line: `b2c.keymap=dee`, hooks: "43-keymap.sh", said: `there is no dee.kmap below /usr/share/keymaps: mkinitramfs.sh --file adds one`},
	// disks and volumes
	{line: `b2c.nbd=nbd0`, hooks: "45-nbd.sh", said: `b2c.nbd=nbd0: host=HOST is missing`},
	{line: `b2c.nbd=nbd0,hst=x`, hooks: "45-nbd.sh", said: `b2c.nbd=nbd0,hst=x: "hst=x": expected host=, port=, connections=, name= or timeout=`},
	{line: `b2c.cache_device=/dev/nosuch`, hooks: "46-cache.sh", said: `cache-mount: /dev/nosuch: there is no such device; there are `},
	{line: `b2c.cache_device=nosuch`, hooks: "46-cache.sh", said: `filesystem: filesystem nosuch: there is no b2c.filesystem=nosuch,src=…`},
	{line: `b2c.cache_keep=lots`, hooks: "46-cache.sh", said: `b2c.cache_keep: --keep: "lots" is not a size: give bytes, or a number with K, M or G, or a percentage such as 20%`},
	{line: `b2c.swap=1G`, hooks: "46-cache.sh 47-swap.sh", said: `a file to swap to needs a cache; b2c.zram= does not`},
	{line: `b2c.zram=lots`, hooks: "46-cache.sh 47-swap.sh", said: `zramctl: --size: "lots" is not a size: give bytes, or a number with K, M or G, or a percentage such as 20%`},
	{line: `b2c.storage=imagestore=x`, hooks: "48-imagestore.sh", said: `the only form is additionalimagestores=FILESYSTEM`},
	{line: `b2c.storage=additionalimagestores=x`, hooks: "48-imagestore.sh", said: `filesystem: filesystem x: there is no b2c.filesystem=x,src=…`},
	{line: `b2c.volume=job,expiration=soon`, hooks: "50-volumes.sh", said: `b2c.volume: volume job: expiration "soon": expected never, pipeline_end, a time such as +7d, or a date such as 2027-01-31`},
	{line: `b2c.volume=job,miror=a/b`, hooks: "50-volumes.sh", said: `b2c.volume=job: the parameter "miror" is unknown, or takes no value; did you mean "mirror"?`},
	{line: `b2c.volume=job,push_on=pipeline_strat`, hooks: "50-volumes.sh", said: `b2c.volume=job: push_on: the condition "pipeline_strat" is unknown: there are `},
	{line: `b2c.volume=job,mirror=nosuch/bucket,pull_on=pipeline_start b2c.run=x`, hooks: "50-volumes.sh 60-run.sh", said: `b2c.volume=job: nosuch/bucket: there is no alias "nosuch" (b2c.minio=nosuch,URL,ACCESS_KEY,SECRET_KEY makes it,`},
	{line: `b2c.volume=job,filesystem=nosuch`, hooks: "50-volumes.sh", said: `b2c.volume: filesystem nosuch: there is no b2c.filesystem=nosuch,src=…`},
	{line: `b2c.volume=job,fscrypt_key=!`, hooks: "50-volumes.sh", said: `b2c.volume: volume job: the key is not base64`},
	{line: `b2c.volume=a/b`, hooks: "50-volumes.sh", said: `b2c.volume: "a/b" is no volume's name: 1 to 255 letters, digits, '_', '.' and '-', the first a letter or digit`},
	// what is typed, or stands in a hook
	{script: `mount -t xfs /dev/nosuch /mnt`, said: "mount: mount /dev/nosuch (xfs) on /mnt: the source is not there: `lsblk` lists the disks"},
	{script: `mount -t tmpfs x /nosuch`, said: `mount: mount x (tmpfs) on /nosuch: there is no folder /nosuch: mkdir -p makes it`},
	{script: `mount -t nosuchfs none /mnt`, said: "mount: mount none (nosuchfs) on /mnt: this kernel has no filesystem nosuchfs: is its module on the initramfs?"},
	{script: `mout /x`, said: `80-test.sh: line 2: mout: not found; did you mean "mount"?`},
	{script: `volume creat x`, said: `volume: expected create, ls, inspect, mount, unmount, rm, expire or parse, got "creat"; did you mean "create"?`},
	{script: `ls --recusive`, said: `ls: unknown option --recusive; did you mean "--recursive"?`},
	{script: `ip link set eth7 up`, said: "ip: no interface is named eth7; there are lo"},
	{script: `wait-for disk LABEL=x -t 1`, said: `wait-for: disk LABEL=x did not appear within 1s; seen so far:`},
	{script: `fetch ftp://x`, said: `fetch: "ftp://x" is not an address of http or https`},
	{script: `s3 ls nosuch/x`, said: `s3: nosuch/x: there is no alias "nosuch"`},
	{script: `service stop x`, said: "service: no service is named x: `service ls` lists them"},
	{script: `job stop x`, said: "job: there is no job with the name \"x\": `job ls` lists them"},
	{script: `sleep soon`, said: `sleep: "soon" is not a time: give seconds, such as 0.5, or a number with m, h or d`},
	{script: `cd /nosuch`, said: `80-test.sh: line 2: cd: can't cd to /nosuch: no such file or directory`},
	{script: `echo $((1/0))`, said: `80-test.sh: line 2: arithmetic expression "1/0": division by zero`},
	{script: "echo >/nosuch/x", said: `80-test.sh: line 2: cannot create /nosuch/x: no such file or directory`},
}

// Mistakes are said once, in no folded section, and once more in the list at the end.
func TestMistakes(t *testing.T) {
	for _, m := range mistakes {
		shown := strings.ReplaceAll(escapes.ReplaceAllString(m.try(t), ""), "\r", "")
		before, list, listed := strings.Cut(shown, "\nlist of what failed\n")
		if n := strings.Count(before, m.said) - strings.Count(before, m.said+"; trying again"); n != 1 || !listed {
			t.Errorf("%s%s: %q is said %d times:\n%s", m.line, m.script, m.said, n, shown)
			continue
		}
		before = before[:strings.LastIndex(before, m.said)]
		if strings.LastIndex(before, "section_start") > strings.LastIndex(before, "section_end") {
			t.Errorf("%s%s: %q stands in a folded section:\n%s", m.line, m.script, m.said, shown)
		}
		// the list begins with the place or the argument, which the message may have had before
		_, cause, named := strings.Cut(m.said, ": ")
		if !named {
			cause = m.said
		}
		if strings.Count(list, cause) != 1 {
			t.Errorf("%s%s: %q is not listed once:\n%s", m.line, m.script, cause, list)
		}
	}
	if len(mistakes) < 60 {
		t.Errorf("%d mistakes, want 60", len(mistakes))
	}
}

// escapes are the terminal's, among them those of folded sections, of whose lines their names are kept.
var escapes = regexp.MustCompile("\x1b\\[[0-9;]*[Km]")

// try boots with the mistake, and returns what the console shows.
func (m mistake) try(t *testing.T) string {
	hooks := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(hooks, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name := range strings.FieldsSeq(m.hooks) {
		text, err := os.ReadFile("../hooks/" + name)
		if err != nil {
			t.Fatal(err)
		}
		write(name, string(text))
	}
	if m.script != "" {
		write("80-test.sh", "set -e\n"+m.script)
	}
	write("90-end.sh", "echo; echo list of what failed; causes")
	unix.Unmount("/storage", unix.MNT_DETACH) // what the last one mounted
	file, err := os.Create(filepath.Join(t.TempDir(), "console"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if err := boot.RunHooks(ctx, commands(ctx), secrets, m.line, hooks, console.New(file)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
