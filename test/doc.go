// Package test boots the initramfs in virtual machines and reads what they say.
//
// A scenario is a file of scenarios/, of hangs/ where something never ends, of containers/ where
// containers want much of a machine, of media/ where real firmware starts what was made of the initramfs, or of mend/ where a person mends a broken one: a script in the
// language of [testscript], and the files that it needs, as one txtar archive.
//
//	# a failing container gives the pipeline its status
//	image fail sh -c 'echo no; exit 3'
//	boot b2c.run="--tls-verify=false docker://$REGISTRY/fail"
//	console '^no$'
//	status 3
//	poweroff
//
// Before the machine starts, a scenario says what differs from a machine with
// Debian's 6.12 kernel, 512 MiB of memory, no disk and one network card:
//
//	kernel [-packed] SERIES
//	                    Debian's cloud kernel of that series: 6.1 or 6.12; or the one for real
//	                    machines: 6.1-generic or 6.12-generic; with -packed, its start is not made
//	                    shorter: it unpacks itself, and tests its ciphers
//	board microvm       another machine than a PC: without PCI, with virtio's devices at addresses
//	board pc-backports  a PC of the QEMU in Debian's backports, with the network card igb: only ./test.sh --matrix has it
//	board arm64|arm|riscv64
//	                    a machine of that architecture, for start
//	board virt|raspi3b DTB
//	                    a machine of arm64, with the modules that its device tree asks for: DTB is a file
//	                    of the scenario's, or one of the kernel's package, which the machine then has, too
//	modules NAME…       more of the kernel's modules on the initramfs than those for virtio's
//	                    cards and disks and for overlay; or all, which take minutes to pack the first time
//	looping MODULE      have /MODULE.ko be that module of the kernel, but never end its initialisation
//	memory MIB          memory
//	disk [-readonly] [-removable] [-bus usb|uas|cd] [-failing read|write] NAME [SIZE]
//	                    a disk, the file NAME.disk, of SIZE (as truncate -s takes it) and of zeroes
//	                    where there is no such file: /dev/vda, then /dev/vdb …; removable
//	                    ones, which need the modules virtio_scsi and sd_mod, /dev/sda …; it keeps its
//	                    data over several boots of one scenario, and may be another kind of disk later; on
//	                    another bus, it needs that bus's drivers
//	nic KIND[=MODEL]…   the network cards in place of the one: user (DHCP, DNS, the host),
//	                    silent (a carrier, but no answer), unplugged (no carrier); virtio's or those
//	                    that QEMU has under the name MODEL; or none
//	rtc TIME            what the machine's clock shows, such as 2001-02-03T04:05:06
//	qemu OPTION…        more hardware, as QEMU's options describe it
//	image NAME [WORD…]  push an image that runs the words, of busybox and the files of images/NAME/;
//	                    images/NAME.json holds more of its OCI config;
//	                    files named .wh.… there delete what is below, as layer.md of OCI has it
//	image -demo NAME    push the demo image, for the board's architecture
//	registry FAULT      have $REGISTRY name a bad registry: refusing, silent, failing (500),
//	                    forbidding (403), html, altering, cutting or truncating layers;
//	                    or a good one that is watched, and may later be away
//	requests [RE…]      the watched registry was asked, since the last time, for just what these match
//	port NAME           have $NAME be a free port of loopback, for a server that the scenario starts by
//	                    exec …&; a machine reaches it at 10.0.2.2
//	s3 [BUCKET…]        start MinIO, with these buckets; $S3 is its URL and keys, as b2c.minio=ALIAS,$S3
//	                    takes them, and $MC the client mc, which calls it s3
//	typed MARK IMAGE    type the commands of docs/start.md that MARK marks, in the project's folder; IMAGE, one of the
//	                    scenario's, stands in for the page's
//
// $REGISTRY is where the images are, $HTTP a server of the files in http/, both
// as the machine reaches them, with $HTTP/endless beside them, which never ends, and $HTTP/drips, of
// which a byte comes each second; $ROOT is the project's folder. The files of hooks/ and root/ are stacked on the initramfs as /hooks and /.
//
//	boot [ARG…]         start the machine with these kernel arguments, and after them the content of
//	                    the file cmdline, if there is one, in which $REGISTRY, $HTTP and $S3 stand too
//	netboot             start the machine from its network card, where iPXE gets $HTTP/boot.ipxe;
//	                    beside that are the files of the project's netboot/, the kernel as
//	                    vmlinuz, and the initramfs under the name that mkinitramfs.sh gives it
//
//	start FIRMWARE      start the machine from its first disk, by a real firmware: bios, uefi, secure-boot (with
//	                    Microsoft's keys), snakeoil (with those of Debian's package ovmf), u-boot
//
// While it runs, and after:
//
//	console [-raw] RE   wait until the console shows RE, after the previous match: as a person reads
//	                    it or, with -raw, with all its carriage returns and escape sequences
//	                    What an echo of arguments or of what was typed would match, or a line of every
//	                    boot, is refused: only -raw may wait for the latter
//	! console [-raw] RE the console of this boot does not show RE, neither before nor later
//	type [-machine] TEXT
//	                    type a line, on the terminal or on the machine's own keyboard
//	press KEY…          press keys: enter, tab, escape, up, down, left, right, backspace, ctrl-C …, a, b …
//	press -machine KEY… press keys of the machine's own keyboard, by QEMU's names: a, ret, ctrl-alt-delete …
//	screen RE           wait until the machine's screen, in VGA's text mode, shows RE, in a picture of it
//	screen -learn       learn what characters look like from the first two lines of the screen, which have all
//	                    from blank to ~; before the first of the former
//	status N            wait for the line that gives the pipeline's status
//	poweroff [-f]       wait until the machine is off, its last words having been that it is safe to
//	                    turn it off; with -f, whatever its last words
//	reboot [-f]         wait until it reboots, having said so; with -f, whatever it said
//	plug DEVICE         plug in a device, as QEMU's option -device describes it
//	unplug ID           take that one out
//	powercut            cut its power
//	powercuts [-any] SEC RE…
//	                    boot it again and again, 12 times or as often as -cuts says (./test.sh --long: 50), and
//	                    each time cut its power at a random moment within SEC seconds after the console
//	                    shows one of RE. What a line "reported: TEXT" says, the next boots find in /reported; a line "damaged: …" must not come, and the
//	                    disks, which are ext4, must be right after each cut, or with -any may be anything
//
// Every boot must be seen to its end by one of the last three. Its console must
// not show a fault of the kernel or the trace of a Go panic, unless the scenario
// says:
//
//	allow kernel-fault  or: allow go-panic
//
// A scenario that fails shows the whole console.
//
// [testscript]: https://pkg.go.dev/github.com/rogpeppe/go-internal/testscript
package test
