#!/bin/sh
# real.sh SHELL [FOLDER]: run what Debian's packages install for the boot in dash and in SHELL,
# and compare what it prints and how it ends. The packages go into FOLDER (a new one unless
# given), which also keeps the results: NAME.dash, NAME.here. SHELL is a program, such as a
# link to the init named sh; that has ip, ping and modprobe of its own, which the programs that
# stand for them in ifupdown's part do not replace.
set -eu
shell=$(realpath "$1")
here=$(dirname "$(realpath "$0")")/real
work=${2-$(mktemp -d)}
mkdir -p "$work/packages/partial" "$work/lists/partial"
work=$(realpath "$work")
cd "$work"

# apt_get ARGUMENTS: apt-get with sources and lists of its own, so that the machine's stay.
apt_get() {
	echo 'deb-src http://deb.debian.org/debian bookworm main' >sources.list
	apt-get -qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- \
		-o Dir::State::lists="$work/lists" -o APT::Sandbox::User=root "$@"
}

fetch() {
	(cd packages && apt-get -qq -o APT::Sandbox::User=root download initramfs-tools-core \
		initramfs-tools live-boot live-boot-initramfs-tools ifupdown debootstrap)
	for package in packages/*.deb; do
		dpkg-deb -x "$package" root
	done
	apt_get update
	apt_get source --download-only hello
	tar -xzf hello_*.orig.tar.gz
	touch fetched
}

# in_both NAME COMMAND…: run COMMAND with each shell as $SHELL_UNDER_TEST, in an empty folder
# of the same name, and compare.
in_both() {
	name=$1
	shift
	for side in dash here; do
		rm -rf run
		mkdir run
		case $side in
		dash) SHELL_UNDER_TEST=$(command -v dash) ;;
		here) SHELL_UNDER_TEST=$shell ;;
		esac
		export SHELL_UNDER_TEST
		status=0
		(cd run && "$@") >"$name.$side" 2>"$name.$side.errors" </dev/null || status=$?
		sed -i "s|$SHELL_UNDER_TEST|SHELL|g" "$name.$side"
		echo "ended with $status" >>"$name.$side"
	done
	if diff -u "$name.dash" "$name.here"; then
		echo "equal: $name ($(wc -l <"$name.dash") lines)"
	else
		echo "DIFFERENT: $name"
		failed=1
	fi
}

# parse: have the shell check each script of the packages.
parse() {
	grep -rlIE '^#! ?/bin/sh|^# -\*- shell-script' "$work/root" "$work"/hello-*/configure | sort >list
	find "$work/root/usr/share/debootstrap" "$work/root/lib/live" "$work/root/usr/share/initramfs-tools/scripts" \
		-type f | sort >>list
	while read -r file; do
		"$SHELL_UNDER_TEST" -n "$file"
		echo "$? ${file#"$work/"}"
	done <list
}

# configure: run a configure script, and print what it wrote. For a shell without $LINENO it makes
# configure.lineno, and config.status has the numbers of lines in its stead.
configure() {
	CONFIG_SHELL=$SHELL_UNDER_TEST "$SHELL_UNDER_TEST" "$work"/hello-*/configure --quiet
	echo "status $?"
	rm -f config.log configure.lineno
	find . -type f | sort
	sed -i 's/lineno-[0-9]*}/lineno-$LINENO}/; s/"[0-9]*" 5\([ ;]\|$\)/"$LINENO" 5\1/' config.status
	find . -type f | sort | xargs cat
}

PACKAGES=$work/root
export PACKAGES LC_ALL=C
failed=0
[ -e fetched ] || fetch
in_both parse parse
for file in "$here"/*.sh; do
	[ "${file##*/}" != library.sh ] || continue
	in_both "$(basename "$file" .sh)" sh -c '"$SHELL_UNDER_TEST" "$1"' sh "$file"
done
in_both configure configure
echo "results: $work"
exit "$failed"
