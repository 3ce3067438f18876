# ifupdown: its service, and the helpers that run when an interface comes up. The programs that they
# call print their arguments.
. "$(dirname "$0")/library.sh"
mkdir -p bin
for name in ip ifup ifdown ifquery udevadm ping ping6 resolvectl systemctl logger modprobe; do
	printf '#!/bin/sh\n[ -z "$QUIET" ] || exit 0\necho "%s $*" | tee -a calls\nexit ${STATUS-0}\n' "$name" >"bin/$name"
	chmod +x "bin/$name"
done
export PATH="$PWD/bin:$PATH"
copy etc/init.d/networking lib/ifupdown/settle-dad.sh lib/ifupdown/wait-for-ll6.sh lib/ifupdown/wait-online.sh \
	etc/network/if-up.d/resolved etc/network/if-down.d/resolved \
	usr/share/doc/ifupdown/examples/ping-places.sh usr/share/doc/ifupdown/examples/get-mac-address.sh \
	usr/share/doc/ifupdown/examples/check-mac-address.sh usr/share/doc/ifupdown/contrib/ifstate
sed -i "s;^PATH=.*;PATH=$PATH;; s;/lib/lsb/init-functions;./messages;" networking
cat >messages <<'E'
for message in action_begin_msg action_end_msg action_msg warning_msg failure_msg; do
	eval "log_$message() { echo $message \"\$@\"; }"
done
E
mkdir -p fake/etc/default fake/etc/network fake/run/network
interface eth0 52:54:00:ab:cd:ef 0x1003
# service ARGUMENTS…: the service in a shell of its own; its shell options stand in its first line.
service() { "$SHELL_UNDER_TEST" -e ./networking "$@"; }
script() { "$SHELL_UNDER_TEST" "./$@"; }
for action in start stop reload restart force-reload status ''; do
	printf '/dev/vda / ext4\n' >fake/proc/mounts
	try service "$action"
	printf 'EXCLUDE_INTERFACES="eth1 w*"\nVERBOSE=yes\n' >fake/etc/default/networking
	try service "$action"
	(STATUS=1; export STATUS; try service "$action")
	echo 'server:/x / nfs4' >fake/proc/mounts
	try service "$action"
	printf 'CONFIGURE_INTERFACES=no\n' >fake/etc/default/networking
	try service "$action"
	touch fake/etc/network/options
done
export IFACE=eth0 IF_ADDRESS=fd00::1 IF_NETMASK=64 IF_LL_ATTEMPTS=3
for IF_DAD_ATTEMPTS in 0 3; do
	export IF_DAD_ATTEMPTS
	try script settle-dad.sh
	(QUIET=y; export QUIET; try script settle-dad.sh; try script wait-for-ll6.sh)
	try script wait-for-ll6.sh
done
for method in route ping ping6 ifup iface no none other; do
	for address in '' 10.0.0.1; do
		printf 'WAIT_ONLINE_METHOD=%s\nWAIT_ONLINE_ADDRESS=%s\nWAIT_ONLINE_TIMEOUT=1\n' "$method" "$address" >fake/etc/default/networking
		try script wait-online.sh
		(QUIET=y; export QUIET; try script wait-online.sh)
	done
	printf 'WAIT_ONLINE_METHOD=ifup\nWAIT_ONLINE_IFACE=eth0\nWAIT_ONLINE_TIMEOUT=1\n' >fake/etc/default/networking
	try script wait-online.sh
done
for ADDRFAM in inet inet6 other; do
	export ADDRFAM
	(STATUS=1; export STATUS; try script resolved)
done
for address in 52:54:00:AB:CD:EF 52:54:00:ab:cd:00; do
	ip() { echo "    link/ether 52:54:00:ab:cd:ef brd ff"; }
	try script check-mac-address.sh eth0 "$address"
done
printf 'eth0 52:54:00:ab:cd:ef home\n' | try script get-mac-address.sh eth0
