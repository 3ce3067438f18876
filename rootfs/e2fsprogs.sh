#!/bin/sh
# How mkinitramfs.sh builds the two programs that make and repair the cache's filesystem. mkinitramfs.sh reads it, and
# has the variables and functions that it uses.
# shellcheck disable=SC2154 # they are set there

# build_e2fsprogs builds them from Debian's source against musl, which makes them
# less than half as large as with glibc.
build_e2fsprogs() {
	update_lists e2fsprogs
	libc=$cache/musl-$arch
	[ -d "$libc" ] || unpack "$libc" musl-dev
	mkdir "$work/e2fsprogs"
	say "building e2fsprogs for $arch"
	(
		cd "$work/e2fsprogs"
		fetch_source e2fsprogs
		compile_e2fsprogs
	) >"$work/e2fsprogs.log" 2>&1 & # to the left of ||, it would not end at the first failure
	wait $! || {
		tail -n 20 "$work/e2fsprogs.log" >&2
		fail "cannot build e2fsprogs for $arch"
	}
	new=$cache/.new-$$
	mv "$work/e2fsprogs/programs" "$new"
	sed -n 's/^Version: /e2fsprogs=/p' "$work/e2fsprogs"/*.dsc | head -n 1 >"$new/.versions"
	mv -T "$new" "$programs" || rm -r "$new"
}

# fetch_source fetches a package's source as this system's apt knows it, the same for each architecture, and unpacks it
# in source.
fetch_source() {
	mkdir sources
	copy_sources sources 's/^deb /deb-src /; s/^Types:.*/Types: deb-src/'
	for verb in update "source --download-only $1"; do
		# shellcheck disable=SC2086 # several words
		debian apt-get -o "Dir::Etc::sourceparts=$PWD/sources" $verb
	done
	dpkg-source --no-check -x ./*.dsc source
}

compile_e2fsprogs() {
	# musl's headers, startup code and library, in the places where they were unpacked
	sed "s,\([ :]\)/usr/,\1$libc/usr/,g; s,-L/usr/,-L$libc/usr/," "$libc/usr/lib/$musl/musl-gcc.specs" >specs
	# Debian 12's linker does not know the relocations in what Debian 13 has for debuggers
	"${cc%gcc}strip" -g "$libc/usr/lib/$musl"/*.[ao]
	mkdir build programs
	(
		cd build
		../source/configure --host="$triplet" --disable-nls --disable-tdb --disable-mmp --disable-imager \
			--disable-resizer --disable-defrag --disable-debugfs --disable-uuidd --disable-fuse2fs \
			--disable-testio-debug --disable-bmap-stats --disable-backtrace --enable-libuuid --enable-libblkid \
			CC="$cc -specs=$work/e2fsprogs/specs" BUILD_CC=gcc LDFLAGS='-static -Wl,--gc-sections' \
			CFLAGS="-Os -g0 -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables \
				-ffile-prefix-map=$work=."
		make -j"$(nproc)" libs
		make -C e2fsck -j"$(nproc)" e2fsck
		make -C misc -j"$(nproc)" mke2fs
	)
	for program in build/e2fsck/e2fsck build/misc/mke2fs; do
		"${cc%gcc}strip" -o "programs/${program##*/}" "$program"
	done
}
