# initramfs-tools: the functions of the boot, the reading of the kernel's command line, and the
# functions that build.
. "$(dirname "$0")/library.sh"
mkdir -p fake/sbin
printf '#!/bin/sh\necho modprobe "$@"\n' >fake/sbin/modprobe
chmod +x fake/sbin/modprobe
copy usr/share/initramfs-tools/scripts/functions usr/share/initramfs-tools/scripts/local \
	usr/share/initramfs-tools/scripts/nfs usr/share/initramfs-tools/init
stub sleep reboot halt chvt setsid udevadm ipconfig mount umount fsck logsave nfsmount modprobe
. ./functions
quiet=n panic= break= rootmnt=fake/root debug= fastboot=n forcefsck=n fsckfix=
starttime=0

for quiet in y n; do
	try log_success_msg all 'is  well' '%s\n'
	try log_failure_msg
	try log_warning_msg "a 'b'" \\n
	try log_begin_msg 'Loading essential drivers'
	try log_end_msg
done
(unset quiet; try log_end_msg)

for panic in 0 -1 -x 10 1.5 10s; do
	try panic 'nothing to boot' "$panic"
done
panic=
try panic 'no panic= at all'
for break in premount top,mount init; do
	try maybe_break mount
	try maybe_break top
done
break=

number() { parse_numeric "$1"; show ROOT major minor; }
for device in 8:1 a:1 8: :1 801 0xfe00 fe01 10302 /dev/sda1 '' 1:2:3; do
	try number "$device"
done

try run_scripts fake/nosuch
mkdir -p fake/scripts/init-top
cat >fake/scripts/init-top/first <<'E'
#!/bin/sh
echo "first $# $*"
E
cat >fake/scripts/init-top/ORDER <<'E'
fake/scripts/init-top/first "$@"
[ -e fake/conf/param.conf ] && . fake/conf/param.conf
E
chmod +x fake/scripts/init-top/first
try run_scripts fake/scripts/init-top a 'b c'
echo 'ROOT=/dev/vda; show ROOT' >fake/conf/param.conf
try run_scripts ./fake/scripts/init-top
printf '# none\n\nloop\n  virtio_net  a=1 b=2\nlast' >fake/conf/modules
try load_modules

echo '12345.67 8901.2' >fake/proc/uptime
try _uptime
try time_elapsed
(starttime=12000; try time_elapsed)
(starttime=; try time_elapsed)

fstype() { echo FSTYPE=$fs; }
blkid() { echo "blkid:$*"; [ -n "$found" ]; }
for fs in ext4 unknown; do
	for found in y ''; do
		try get_fstype /dev/vda
	done
done
for found in y ''; do
	for name in LABEL=root UUID=1-2 PARTUUID=3 /dev/null /dev/nosuch '' functions; do
		try resolve_device "$name"
	done
done

interface lo 00:00:00:00:00:00 0x9
try _usable_netdev_exists
interface eth0 52:54:00:12:34:56 0x1003
interface eth1 52:54:00:12:34:57 0x1002
try _usable_netdev_exists
address() { DEVICE=; _set_netdev_from_hw_address "$1"; echo $?; show DEVICE; }
try address 52:54:00:12:34:57
try address 52:54:00:12:34:58
network() {
	IP=$1 DEVICE=$2 BOOTIF=$3
	configure_networking
	echo "$?"
	show IP DEVICE bootif_mac netdev_desc IFS IPV4ADDR
}
cat >fake/run/net-eth1.conf <<'E'
IPV4ADDR='192.168.0.2'
E
update() { IP=$1 DEVICE=$2; _update_ip_param; show IP; _set_netdev_from_ip_param; echo $?; show DEVICE; }
for ip in '' dhcp ::::::dhcp 192.168.0.2::192.168.0.1:255.255.255.0:name:eth0:off 192.168.0.2::192.168.0.1 a:b:c:d:e::f:g '*:?' ::; do
	for device in '' eth1; do
		try update "$ip" "$device"
		try network "$ip" "$device" ''
	done
done
try network '' '' 01-52-54-00-12-34-57
try network dhcp '' 01-52-54-00-12-34-56
try wait_for_udev 10
try wait_for_udev

mkdir -p fake/root/etc
cat >fake/root/etc/fstab <<'E'
# comment
/dev/vda1 /     ext4 defaults 0 1

	server:/usr	/usr	nfs4	ro,nolock 0 0
/dev/vdb /usr ext4 ro
UUID=1 /var btrfs
E
entry() { read_fstab_entry "$@"; echo $?; show MNT_FSNAME MNT_DIR MNT_TYPE MNT_OPTS MNT_FREQ MNT_PASS MNT_JUNK; }
for directory in / /usr /var /home; do
	try entry "$directory"
	try entry "$directory" ext4
done
try mountfs /usr
for code in 0 1 2 4 6 32 36; do
	logsave() { echo "logsave: $*"; return $code; }
	for fsckfix in '' y n; do
		try _checkfs_once /dev/vda / ext4
	done
done
forcefsck=y quiet=y debug=y code=0
try checkfs /dev/vda /usr auto
. ./local
try local_device_setup functions 'root file system'
try local_mount_root
. ./nfs
for NFSROOT in auto server:/path 10.0.0.1:/srv/x,vers=3 /path,nolock x; do
	ROOTSERVER=10.0.0.9 ROOTPATH=/export NFSOPTS=
	try nfs_mount_root_impl
done

# What init does with the kernel's command line.
parameters() { sed -n '/^# Parse command line options/,/^done$/p' init; }
parameters >parameters
arguments() {
	echo "$1" >fake/proc/cmdline
	BOOT= ROOT= ROOTDELAY= ROOTFLAGS= netconsole= log_output=
	. ./parameters
	set +x
	show init BOOT ROOT ROOTFLAGS ROOTFSTYPE ROOTDELAY NFSROOT RUNSIZE IP UBIMTD RESUME resume_offset noresume \
		drop_caps panic readonly debug quiet break blacklist netconsole log_output BOOTIF fastboot forcefsck fsckfix
}
try arguments 'root=/dev/nfs nfsroot=server:/path,vers=3 ip=192.168.0.2::192.168.0.1:255.255.255.0::eth0:off rw quiet'
try arguments 'root=UUID=a-b rootflags=subvol=@,ro rootfstype=btrfs rootdelay=5 panic=10 break netconsole=@/,@10.0.0.1/ debug'
try arguments 'rootdelay=5s init=/bin/sh break=top,mount fsck.mode=force fsck.repair=no resume=/dev/vdb noresume blacklist=a,b'
try arguments ''

# The functions that build an initramfs.
machine realpath readlink ln cp
. "$PACKAGES/usr/share/initramfs-tools/hook-functions"
DESTDIR=$PWD/dest CONFDIR=$PWD/confdir version=6.1 verbose=y
mkdir -p "$DESTDIR/conf" "$CONFDIR" hooks.d/folder
echo text >file
ln -s file link
ln -s "$PWD/file" absolute
for target in '' /target /into/ /conf; do
	try copy_file config "$PWD/file" $target
	try copy_file config "$PWD/link" $target
	try copy_file config "$PWD/absolute" $target
done
try copy_file config "$PWD/nosuch"
try copy_exec /bin/true /bin
find dest | sort
printf '# c\nloop a=1\n\nnbd\n' >modules
manual_add_modules() { echo "manual_add_modules $*"; }
try add_modules_from_file modules
cat dest/conf/modules
for hook in a b c 'd e' f; do
	printf '#!/bin/sh\ncase $1 in prereqs) echo %s; exit;; esac\necho "hook %s $*"\n' "$([ "$hook" != a ] || echo c b)" "$hook" >"hooks.d/$hook"
	chmod +x "hooks.d/$hook"
done
chmod -x hooks.d/f
initlists() { initdir=hooks.d scriptdir=; set_initlist; show initlist; get_prereq_pairs | sort; }
try initlists
try run_scripts "$PWD/hooks.d"
printf '#!/bin/sh\ncase $1 in prereqs) exit;; esac\nexit 3\n' >hooks.d/c
try run_scripts "$PWD/hooks.d"
mkdir -p dest/scripts/init-top
cp hooks.d/a hooks.d/b dest/scripts/init-top
try cache_run_scripts "$DESTDIR" /scripts/init-top
cat dest/scripts/init-top/ORDER
