#!/bin/sh
# programs.sh FOLDER PROGRAM…: copies programs of this machine, and the libraries that they need, into FOLDER,
# which becomes a layer of an image.
set -eu
folder=$1
shift
for program; do
    found=$(command -v "$program") || {
        echo "programs.sh: there is no $program here" >&2
        exit 1
    }
    mkdir -p "$folder/usr/bin"
    cp -L "$found" "$folder/usr/bin/$program"
    ldd "$found" 2>/dev/null | grep -o '/[^ ]*' | while read -r library; do
        mkdir -p "$folder$(dirname "$library")"
        cp -L "$library" "$folder$library"
    done
done
