#!/bin/sh
# The console's keymap: NAME.kmap or NAME.kmap.gz below /usr/share/keymaps, in the
# binary form that `loadkeys --bkeymap` writes.
[ -n "$b2c_keymap" ] || exit 0
section set_keymap "Set the keymap"
file=$(find /usr/share/keymaps -type f -name "$b2c_keymap.kmap*" 2>/dev/null | head -n 1)
if [ -z "$file" ]; then
    report "b2c.keymap=$b2c_keymap: there is no $b2c_keymap.kmap below /usr/share/keymaps (not fatal)"
elif ! loadkmap "$file"; then
    report "b2c.keymap=$b2c_keymap: the keymap stays as it is (not fatal)"
fi
