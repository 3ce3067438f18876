#!/bin/sh
# What mkinitramfs.sh makes of an initramfs: a medium that machines start from, or what they boot from the
# network. mkinitramfs.sh reads it, and has the variables and functions that it uses.
# shellcheck disable=SC2154 # they are set there

# write_medium writes it. Of a stick and a disc, a person finds the hooks in a folder.
write_medium() {
	case $purpose in
	usb | iso)
		loaders=$cache/loaders-$arch
		once "$loaders" fetch_loaders
		# shellcheck disable=SC2086 # nothing, or a word
		set -- -loaders "$loaders" -hooks "$work/hooks" $any_disk "$purpose" "$target" "$@"
		;;
	uki)
		stubs=$cache/systemd-boot-efi-$arch
		once "$stubs" fetch_stubs
		set -- -stubs "$stubs/usr/lib/systemd/boot/efi" "$purpose" "$target" "$@"
		[ -z "$sign" ] || set -- -key "$(realpath "${sign%%:*}")" -cert "$(realpath "${sign#*:}")" "$@"
		;;
	rpi) set -- -dtb "${dtb:-$kernel/usr/lib/linux-image-$version/broadcom}" "$purpose" "$target" "$@" ;;
	*) set -- "$purpose" "$target" "$@" ;;
	esac
	[ -z "$dtb" ] || [ "$purpose" = rpi ] || set -- -dtb "$dtb" "$@"
	[ ! -e "$work/drivers" ] || set -- -drivers "$work/drivers" "$@"
	(
		cd "$here"
		go run ./media/write -arch "$arch" -kernel "$vmlinuz" -version "$version" -initramfs "$work/initramfs.cpio$extension" "$@"
	)
}

# release writes all that one would publish for an architecture.
release() {
	folder=$target
	mkdir -p "$folder"
	cp "$work/initramfs.cpio$extension" "$folder/initramfs.linux_$arch.cpio$extension"
	cp "$work/drivers" "$folder/drivers.linux_$arch.cpio"
	cp "$vmlinuz" "$folder/vmlinuz.linux_$arch"
	for pair in usb:stick.linux_$arch.img iso:disc.linux_$arch.iso uki:boot.linux_$arch.efi; do
		purpose=${pair%%:*} target=$folder/${pair#*:}
		write_medium "$@"
	done
	list_parts
	(cd "$folder" && sha256sum -- *.linux_* >SHA256SUMS)
}

# list_parts writes what an architecture's files are made of, by SPDX: Go's modules, and Debian's packages.
list_parts() (
	set --
	for unpacked in "$kernel" "$programs" "$cache/musl-$arch" "$loaders" "$stubs" ${sysroot:+"$sysroot"}; do
		# shellcheck disable=SC2046 # NAME=VERSION each
		set -- "$@" $(versions_in "$unpacked")
	done
	if [ "$arch" = "$host" ]; then
		for package in libc6-dev libseccomp-dev; do
			set -- "$@" "$(dpkg-query -W -f '${Package}=${Version}' "$package")"
		done
	else
		set -- "$@" "$(dpkg-query -W -f '${Package}=${Version}' "libc6-dev-$arch-cross")"
	fi
	cd "$here"
	go run ./media/write -arch "$arch" -program "$work/tree/init" sbom "$folder/parts.linux_$arch.spdx.json" "$@"
)

# versions_in prints which packages were unpacked into a folder: as it was noted, else as their changelogs say.
versions_in() {
	if [ -e "$1/.versions" ]; then
		cat "$1/.versions"
		return
	fi
	for log in "$1"/usr/share/doc/*/changelog*.gz; do
		gzip -dc "$log" | sed -n '1s/^\([^ ]*\) (\([^)]*\)).*/\1=\2/p'
	done
}

# netboot fills the tree that machines boot from, and serves it, tries it, or makes it one that any
# server can serve.
netboot() {
	fill_tree
	cd "$here"
	go build -o "$work/serve" ./media/serve
	case $netboot in
	export) "$work/serve" -export "$tree" ;;
	serve)
		set -- "$work/serve" ${interface:+-interface "$interface"} ${dhcp:+-dhcp "$dhcp"} ${port:+-port "$port"} "$tree"
		[ "$(id -u)" = 0 ] || ! command -v sudo >/dev/null || set -- sudo "$@"
		"$@"
		;;
	try)
		go build -o "$work/netboot" ./test/netboot
		"$work/netboot" -firmware "$try" "$work/serve" "$tree"
		;;
	esac
}

fill_tree() {
	mkdir -p "$tree/$arch" "$tree/ipxe" "$tree/arguments" "$tree/hooks"
	replace "$vmlinuz" "$arch/vmlinuz"
	replace "$out" "$arch/initramfs"
	stubs=$cache/systemd-boot-efi-$arch
	once "$stubs" fetch_stubs
	replace "$stubs"/usr/lib/systemd/boot/efi/linux*.efi.stub "$arch/stub.efi"
	if [ "$arch" = amd64 ]; then
		once "$cache/ipxe" fetch_ipxe
		replace "$cache/ipxe/usr/lib/ipxe/undionly.kpxe" ipxe/undionly.kpxe
		replace "$cache/ipxe/usr/lib/ipxe/snponly.efi" ipxe/snponly.amd64.efi
	fi
	[ -e "$tree/arguments/default" ] || cat >"$tree/arguments/default" <<-'END'
		# The kernel arguments of machines that have no file of their own beside this one, named after
		# their hardware address, their UUID or their serial number. A change holds from the next boot on.
		b2c.run="docker://docker.io/library/hello-world"
	END
}

# replace puts a file into the tree. Who reads the former one, reads it to its end.
replace() {
	cp "$1" "$tree/$2.new"
	mv "$tree/$2.new" "$tree/$2"
}

fetch_stubs() {
	update_lists systemd-boot-efi
	unpack systemd-boot-efi "$stubs"
}

# fetch_loaders fetches Debian's boot loaders: GRUB as Debian signed it, behind a shim that Microsoft
# signed, and on a PC what GRUB for a BIOS is made of.
fetch_loaders() {
	update_lists 'the boot loaders'
	bios=''
	[ "$arch" != amd64 ] || bios=grub-pc-bin
	mkdir "$work/loaders"
	for package in $bios "grub-efi-$arch-signed" shim-signed "shim-helpers-$arch-signed"; do
		unpack "$package" "$work/$package"
		cat "$work/$package/.versions" >>"$work/versions"
		cp -R "$work/$package/." "$work/loaders/"
	done
	mv "$work/versions" "$work/loaders/.versions"
	mv "$work/loaders" "$loaders"
}

fetch_ipxe() {
	update_lists ipxe
	unpack ipxe "$cache/ipxe"
}
