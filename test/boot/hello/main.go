// Hello is the program of the demo image: it greets, and says on what machine
// it finds itself. With an argument, it ends with that status.
package main

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	os.Stdout.WriteString(greeting())
	if len(os.Args) > 1 {
		status, err := strconv.ParseUint(os.Args[1], 10, 8)
		if err != nil {
			os.Stderr.WriteString("hello: " + err.Error() + "\n")
			os.Exit(2)
		}
		os.Exit(int(status))
	}
}

// greeting is in one piece, so that nothing on the console comes between.
func greeting() string {
	return "\nHello from a container.\n\n" +
		"  kernel   " + kernel() + "\n" +
		"  address  " + address() + "\n" +
		"  memory   " + memory() + "\n" +
		"  uptime   " + word("/proc/uptime", "") + " s\n\n"
}

// kernel returns what uname -srm prints.
func kernel() string {
	var name syscall.Utsname
	if err := syscall.Uname(&name); err != nil {
		return err.Error()
	}
	return text(name.Sysname[:]) + " " + text(name.Release[:]) + " " + text(name.Machine[:])
}

// text returns the string that a C array holds; its element's sign differs
// between architectures.
func text[E int8 | uint8](array []E) string {
	var b strings.Builder
	for _, c := range array {
		if c == 0 {
			break
		}
		b.WriteByte(byte(c))
	}
	return b.String()
}

// address returns the IPv4 address from which the machine would send to the
// world. Connecting a datagram socket sends nothing. Package net would double
// this program's size.
func address() string {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		return err.Error()
	}
	defer syscall.Close(fd)
	world := &syscall.SockaddrInet4{Port: 53, Addr: [4]byte{192, 0, 2, 1}}
	if err := syscall.Connect(fd, world); err != nil {
		return err.Error()
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		return err.Error()
	}
	here, ok := name.(*syscall.SockaddrInet4)
	if !ok {
		return "unknown"
	}
	parts := make([]string, len(here.Addr))
	for i, part := range here.Addr {
		parts[i] = strconv.Itoa(int(part))
	}
	return strings.Join(parts, ".")
}

// memory returns how much of the machine's memory is free for use, as
// proc_meminfo(5) has it.
func memory() string {
	return mebibytes(word("/proc/meminfo", "MemAvailable:")) + " of " +
		mebibytes(word("/proc/meminfo", "MemTotal:")) + " MiB free"
}

// mebibytes converts a number of kibibytes.
func mebibytes(kibibytes string) string {
	n, err := strconv.Atoi(kibibytes)
	if err != nil {
		return kibibytes
	}
	return strconv.Itoa(n / 1024)
}

// word returns the first word after label in a file, or what went wrong.
func word(file, label string) string {
	content, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	_, rest, _ := strings.Cut(string(content), label)
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return "unknown"
	}
	return fields[0]
}
