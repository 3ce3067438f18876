# live-boot: the reading of the kernel's command line, the network, and the helpers about devices and mounts.
. "$(dirname "$0")/library.sh"
for file in "$PACKAGES"/lib/live/boot/*; do
	copy "lib/live/boot/${file##*/}"
done
machine find sort
stub sleep reboot halt modprobe mount umount udevadm ipconfig ifconfig panic cryptsetup losetup blkid \
	log_begin_msg log_end_msg log_warning_msg log_success_msg chown mknod swapon
for file in [0-9]*; do
	. "./$file"
done
stub panic
LIVE_MEDIA_PATH=live rootmnt=fake/root persistence_list=persistence.conf

command_line() {
	LIVE_BOOT_CMDLINE=$1
	Cmdline_old
	show DNSSERVERS DHCP NODHCP ETHDEVICE DEVICE FETCH ISCSI ISCSI_PORTAL ISCSI_TARGET ISCSI_SERVER ISCSI_PORT FROMISO STATICIP \
		LIVE_MEDIA LIVE_MEDIA_PATH MODULE NETBOOT NFSOPTS NOFSTAB NONETWORKING PERSISTENCE PERSISTENCE_METHOD \
		PERSISTENCE_STORAGE PERSISTENCE_ENCRYPTION TORAM TODISK SWAP UNIONTYPE NOPERSISTENCE DM_VERITY_ROOT_HASH
}
try command_line ''
try command_line 'boot=live dns=10.0.0.1,10.0.0.2 nodhcp ethdevice=eth0,eth1 fetch=http://10.0.0.9/x.squashfs skipconfig'
try command_line 'iscsi=10.0.0.1,3260;iqn.2020-01.org:target isofrom=/dev/sda1/a.iso ip= live-media=removable-usb module=m'
try command_line 'ip=eth0:192.168.0.2:255.255.255.0:192.168.0.1:10.0.0.1,eth1:10.0.0.2:255.0.0.0 netboot=nfs nfsopts=ro,vers=3 toram=x'
try command_line 'persistence persistence-encryption=luks,none persistence-storage=file persistence-method=overlay todisk=/dev/sdb swap=true union=overlay'

lists() { is_in_space_sep_list b 'a b c'; echo $?; is_in_space_sep_list b a,b,c; echo $?; is_in_comma_sep_list b a,b,c; echo $?; is_in_comma_sep_list '' a; echo $?; }
try lists
for path in / // /a/ //a///b// a/ '/a b/' ''; do
	try trim_path "$path"
done
printf '%s\n' '/dev/sda1 /a ext4 rw 0 0' 'overlay / overlay rw 0 0' '/dev/sdb1 /a/b ext4 rw 0 0' >fake/proc/mounts
try what_is_mounted_on /a/
try what_is_mounted_on /nosuch
try where_is_mounted /dev/sdb1
mkdir -p a/b
lines() { printf 'a\n b c \\x\nlast\n' | lastline; echo "<$line>"; }
try lines
mkdir -p media/live media/.disk
try is_live_path media
touch media/live/filesystem.squashfs
try is_live_path media
uuid() { IGNORE_UUID=$1; matches_uuid media; }
try uuid ''
echo one >fake/conf/uuid.conf
try uuid ''
try uuid true
echo two >media/.disk/live-uuid
try uuid ''
echo one >media/.disk/live-uuid-2
try uuid ''
try mount_images_in_directory nosuch root
for image in a.squashfs a.dir a.tar; do
	setup_loop() { printf '%s,' "$@"; }
	try get_backing_device "$image" ro
done
for type in '' unknown swap ext4 tmpfs; do
	try is_supported_fs "$type"
done

for disk in sda sdb vda loop0; do
	mkdir -p "fake/sys/block/$disk/${disk}1" "fake/sys/block/$disk/queue"
	echo 8:0 >"fake/sys/block/$disk/dev"
	echo 8:1 >"fake/sys/block/$disk/${disk}1/dev"
	echo "${#disk}" | tr 34 01 >"fake/sys/block/$disk/removable"
done
echo 1 >fake/sys/block/sdb/removable
udevadm() { [ "$*" = 'info -q name -p fake/sys/block/sda' ] && echo sda; }
try subdevices fake/sys/block/sda
try sys2dev fake/sys/block/sda
try storage_devices '' ''
try storage_devices '/dev/sda' ''
try storage_devices '/dev/vda1' '/dev/vda /dev/sdb'
try removable_dev
try removable_dev sys
try removable_usb_dev sys
try non_removable_dev
stub udevadm

interface lo 00:00:00:00:00:00 0x9
interface eth0 52:54:00:ab:cd:ef 0x1003
try get_mac
bootif() { BOOTIF=$1; Device_from_bootif; show DEVICE bootif_mac IFS; }
try bootif 01-52-54-00-ab-cd-ef
try bootif ''
setup() { NETBOOT=$1 DEVICE=$2 ETHDEVICE=$3 DNSSERVERS='10.0.0.9'; do_netsetup; show DEVICE HOSTNAME devlist; cat fake/etc/*; }
printf "HOSTNAME='box'\nDNSDOMAIN='example.org'\nIPV4ADDR=10.0.0.2\nIPV4DNS0=10.0.0.1\nIPV4DNS1=0.0.0.0\n" >fake/run/net-eth0.conf
try setup '' '' ''
try setup '' '' eth0,eth1
rm -f fake/etc/*
try setup nfs eth0 ''
mkdir -p fake/root/etc/network
base() { STATICIP=$1 NETBOOT=$2 NODHCP=$3; Netbase; cat fake/root/etc/network/interfaces fake/root/etc/resolv.conf; }
try base '' '' ''
try base eth0:192.168.0.2:255.255.255.0:192.168.0.1:10.0.0.1,eth1:10.0.0.2:255.0.0.0 '' ''
try base '' nfs ''
try base frommedia '' yes

for UNIONTYPE in overlay aufs; do
	try do_union /union rw 'ro1 ro2'
	try do_union /union rw
done
mkdir -p source/folder/deep source/empty dest
touch source/a 'source/folder/b' source/folder/deep/c
chown_ref() { :; }
try link_files source/ dest// 's|^source|/|'
find dest -printf '%p %l\n' | sort
mount_persistence_media() { echo "backing/${1##*/}"; }
mkdir -p backing/sda1 backing/sdb1 backing/sdc1
printf '/home union\n# none\n\n  /etc link,source=etc\n/lib x\n../up\n/var source=/x\n/opt unknown\n/srv bind,source=.\n' >backing/sda1/persistence.conf
printf '/home\n/usr/../x\n/run/live/x\n' >backing/sdb1/persistence.conf
mounts() { rm -f mounts; get_custom_mounts mounts "$@"; cat mounts; }
try mounts /dev/sda1
try mounts /dev/sda1 /dev/sdb1 /dev/sdc1
