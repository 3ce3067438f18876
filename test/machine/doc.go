// Package machine runs virtual machines under QEMU: those of the scenarios, of the
// benches and of mkinitramfs.sh's --boot.
package machine
