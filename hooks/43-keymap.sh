#!/bin/sh
# The console's keymap: b2c.keymap=NAME is the file NAME.kmap, or NAME.kmap.gz, below
# /usr/share/keymaps, in the binary form that `loadkeys --bkeymap` writes.
[ -n "$b2c_keymap" ] || exit 0
section set_keymap "Set the keymap"

load() {
    case $1 in
    '')
        complain "there is no $b2c_keymap.kmap below /usr/share/keymaps: mkinitramfs.sh --file adds one"
        return 1
        ;;
    *.gz) zcat "$1" | loadkmap ;;
    *) loadkmap <"$1" ;;
    esac
}

file=$(find /usr/share/keymaps -name "$b2c_keymap.kmap*" 2>/dev/null | head -n 1)
load "$file" || nonfatal "b2c.keymap=$b2c_keymap: the keymap stays as it is"
