# What the scripts here share. They run in an empty folder, with $PACKAGES being the unpacked packages.

# try COMMAND…: run it in a subshell; print its output, its status, and whether it said something on stderr.
try() {
	printf '== '
	printf '[%s]' "$@"
	echo
	("$@") 2>errors
	tried=$?
	echo "status $tried$([ ! -s errors ] || echo ', with a message')"
}

# stub NAME…: make functions that print their name and arguments, in the place of commands
# that would change the machine.
stub() {
	for stub; do
		eval "$stub() { printf '$stub:'; printf ' [%s]' \"\$@\"; echo; }"
	done
}

# copy FILE…: copy files of the packages, with the paths of the machine beneath the folder fake.
copy() {
	mkdir -p fake/run/initramfs fake/sys/class/net fake/sys/block fake/proc fake/conf fake/etc fake/scripts fake/sbin
	for copy; do
		sed -E 's;(^|[^]A-Za-z0-9_}/.*+)])/(run|sys/(class|block|bus)|proc|conf|scripts|sbin|etc|root|boot.log|netboot)\b;\1fake/\2;g' \
			"$PACKAGES/$copy" >"${copy##*/}"
	done
}

# show VARIABLE…: print variables.
show() {
	for show; do
		eval "printf '%s=<%s>\n' \"\$show\" \"\${$show-unset}\""
	done
}

# interface NAME ADDRESS FLAGS: make a network interface.
interface() {
	mkdir -p "fake/sys/class/net/$1"
	echo "$2" >"fake/sys/class/net/$1/address"
	echo "$3" >"fake/sys/class/net/$1/flags"
	echo 2 >"fake/sys/class/net/$1/iflink"
}

# machine NAME…: use the machine's programs where the shell has commands of the same names with fewer options.
machine() {
	for machine; do
		eval "$machine() { $(env which "$machine") \"\$@\"; }"
	done
}
