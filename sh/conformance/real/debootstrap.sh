# debootstrap: its functions about packages' lists, dependencies, checksums and progress.
. "$(dirname "$0")/library.sh"
exec 4>&1 3>&1
export DEBOOTSTRAP_CHECKSUM_FIELD PERL_HASH_SEED=0
machine find tar
stub sleep umount mount mknod chroot wget
HOST_OS=linux CONTAINER= USE_DEBIANINSTALLER_INTERACTION= VERBOSE= VARIANT= SHA_SIZE=256 DEBOOTSTRAP_CHECKSUM_FIELD=SHA256
SUITE=bookworm EXTRA_SUITES= COMPONENTS='main contrib' USE_COMPONENTS=main ARCH=amd64 MIRRORS=http://deb.example.org/debian
TARGET=$PWD/target APTSTATE=state KEYRING= DLDEST=apt_dest DEBOOTSTRAP_DIR=$PACKAGES/usr/share/debootstrap
. "$PACKAGES/usr/share/debootstrap/functions"
set +e
mkdir -p target/state/lists target/debootstrap target/var/lib/dpkg

try in_path sh
try in_path nosuchcommand
yes() { smallyes "$@" | head -n 3; }
try yes
try yes ''
for USE_DEBIANINSTALLER_INTERACTION in '' yes; do
	try error 3 NAME 'the %s is %d, 100%%' file 5
	try warning NAME '%s' 'a  b' c
	try info NAME 'nothing'
	try progress 1 100 NAME 'at %s' x
	try eval 'printf "%s\n" "a b half-installed" "status pkg: half-installed" "status pkg: unpacked" "EXITCODE 5" "status q: half-installed" | dpkg_progress 0 100 N D UNPACKING'
	try eval 'printf "status q: half-configured\nstatus q: installed\n" | dpkg_progress 0 100 N D CONFIGURING'
	PKGDETAILS=details PROGRESS_NEXT=50
	details() { sed 's/^/details: /'; }
	wget() { [ "$1" != -nv ] || shift; echo "10%" >&2; echo "wget: $*"; return "$1"; }
	try wgetprogress 0 'a b'
	try wgetprogress 4 c
done
USE_DEBIANINSTALLER_INTERACTION=
for VARIANT in '' minbase other; do
	try doing_variant -
	try doing_variant minbase
	try variants - minbase buildd
done
VARIANT=
options() { set_what_to_do=; for option; do check_conflicting_option "$option"; done; show set_what_to_do LOOSEN_CONFLICTING_RESTRICTION; }
try options --foreign
try options --foreign --unpack-tarball=x
try options --foreign --second-stage
for style in release main other; do
	try mirror_style "$style"
done
printf 'some text\n' >file
sum=$(sha256sum <file | sed 's/ .*//')
try verify_checksum file "$sum" 10
try verify_checksum file "$sum" 11
try verify_checksum file 00 10
try apt_dest deb hello 1:2.10 amd64 m p
try apt_dest pkg bookworm main amd64 http://deb.example.org/debian dists/bookworm/main/binary-amd64/Packages
try apt_dest rel bookworm http://deb.example.org/debian dists/bookworm/Release

cat >Release <<'E'
Origin: Example
Suite: stable
Codename: bookworm
Components: main contrib non-free
MD5Sum:
 0123 10 main/binary-amd64/Packages
SHA256:
 4567 10 main/binary-amd64/Packages
 89ab 20 contrib/binary-amd64/Packages.gz
E
try get_release_checksum Release main/binary-amd64/Packages
try get_release_checksum Release nosuch
components() { COMPONENTS=$1 USE_COMPONENTS=$2; cp Release copy; extract_release_components copy; show COMPONENTS; }
try components '' main
try components '' 'main|contrib'
try components '' '*'
try components main '*'
try components '' nosuch
suite() { SUITE=$1 EXTRA_SUITES=$2; validate_suite Release; show CODENAME; }
try suite bookworm ''
try suite stable ''
try suite sid ''
try suite sid 'x stable'
try suite sid 'x y'
printf '%s\n' '-----BEGIN PGP SIGNED MESSAGE-----' 'Hash: SHA256' '' 'Origin: x' '  two \n %s' '' 'last' '-----BEGIN PGP SIGNATURE-----' '' 'ab\c' \
	'-----END PGP SIGNATURE-----' 'more' >InRelease
try split_inline_sig InRelease release signature
cat release; echo .; cat signature
for status in '[GNUPG:] VALIDSIG AB 1' '[GNUPG:] BADSIG CD e' '[GNUPG:] NO_PUBKEY EF' 'gpgv: none'; do
	try eval 'printf "%s\n" x "$status" y | read_gpg_status'
done

PKGDETAILS=pkgdetails_perl
try apt_dest pkg bookworm main amd64 http://deb.example.org/debian x
for component in main contrib; do
	list=target/$(apt_dest pkg bookworm $component amd64 "$MIRRORS" dists/bookworm/$component/binary-amd64/Packages)
	touch "$list"
	case $component in main)
		cat >"$list" <<'E'
Package: a
Version: 1
Architecture: amd64
Priority: required
Depends: b (>= 1), c | d
Filename: pool/a.deb
Size: 10
SHA256: 11

Package: b
Version: 2
Architecture: amd64
Priority: important
Pre-Depends: e:any
Filename: pool/b.deb
Size: 20
SHA256: 22

Package: c
Version: 3
Architecture: all
Priority: optional
Filename: pool/c.deb
Size: 30
SHA256: 33

Package: e
Version: 4
Architecture: all
Priority: required
Depends: a
Filename: pool/e.deb
Size: 40
SHA256: 44

E
	esac
done
main=target/$(apt_dest pkg bookworm main amd64 "$MIRRORS" dists/bookworm/main/binary-amd64/Packages)
try resolve_deps a
try resolve_deps c nosuch
(EXCLUDE_DEPENDENCY='c e'; try resolve_deps a b)
try get_package_sizes "$MIRRORS" "$main" a b nosuch c
try pkgdetails_perl FIELD Priority: "$MIRRORS" "$main" required
try setup_apt_sources "$MIRRORS" http://other.example.org
cat target/etc/apt/sources.list
in_target() { echo "in_target $*"; cat; }
try setup_available a c
cat target/var/lib/dpkg/available
try without 'a b c b' 'a d'
try without '' ''
printf 'a /pool/a.deb\nb /pool/b.deb\n' >target/debootstrap/debpaths
try debfor b a nosuch
tries=0
third() { tries=$((tries + 1)); echo "try $tries"; [ "$tries" = 3 ]; }
try repeatn 5 third
try repeatn 2 third
ending() { trap exit_function 0; on_exit 'echo one "$TARGET"'; on_exit umount_exit_function; on_exit false; umount_on_exit /proc; umount_on_exit /sys; show N_EXIT_THINGS UMOUNT_DIRS; exit 7; }
in_target_nofail() { echo "$3"; }
try ending
signal() { "$SHELL_UNDER_TEST" -c 'exec 4>&1; . "$0"; USE_DEBIANINSTALLER_INTERACTION=; on_exit "echo left >&4"; kill -'"$1"' $$; echo on' "$DEBOOTSTRAP_DIR/functions"; }
for signal in HUP INT QUIT TERM; do
	try signal "$signal"
done
mkdir -p target/lib/deep target/usr/lib/deep target/usr
touch target/lib/deep/x target/lib/.hidden target/usr/lib/deep/y
ln -s deep/x target/lib/link
try merge_usr_entry "$TARGET/lib"
find target/usr target/lib 2>/dev/null | sort
for ARCH in amd64 i386 arm64 s390x; do
	rm -rf merged
	mkdir merged
	(TARGET=merged; try merge_usr)
	find merged -printf '%p %l\n' | sort
done
for EXTRACTOR_OVERRIDE in ar dpkg-deb '' ; do
	try choose_extractor
	try valid_extractor "$EXTRACTOR_OVERRIDE"
done
deb=$(echo "$PACKAGES"/../packages/ifupdown_*.deb)
for extractor in dpkg_deb ar_deb; do
	mkdir -p "extracted.$extractor"
	try "extract_${extractor}_field" "$deb" Package
	(cd "extracted.$extractor" && "extract_${extractor}_data" "$deb")
	find "extracted.$extractor" | sort | head -n 40
done
