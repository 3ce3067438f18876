package container

import (
	"debug/elf"
	"runtime"
)

// machines are the names that people know of what ELF files are for.
var machines = map[elf.Machine]string{
	elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64", elf.EM_386: "386", elf.EM_ARM: "arm", elf.EM_RISCV: "riscv64",
	elf.EM_PPC64: "ppc64le", elf.EM_S390: "s390x", elf.EM_LOONGARCH: "loong64", elf.EM_MIPS: "mips",
}

func machineName(m elf.Machine) string {
	if name := machines[m]; name != "" {
		return name
	}
	return m.String()
}

// ownMachine is this machine's; EM_NONE where it is none of these.
func ownMachine() elf.Machine {
	for m, name := range machines {
		if name == runtime.GOARCH {
			return m
		}
	}
	return elf.EM_NONE
}
