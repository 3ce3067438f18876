package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"bootrc/test/lan"
	"bootrc/test/tftpclient"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/iana"
)

// machines boots all machines at once, and then again and again while others send nonsense.
func (b *bench) machines(work string) error {
	for i := range b.clients {
		h, err := lan.NewHost(fmt.Sprint("m", i))
		if err != nil {
			return err
		}
		b.hosts = append(b.hosts, h)
	}
	log, err := os.Create(filepath.Join(work, "log"))
	if err != nil {
		return err
	}
	server := exec.Command(filepath.Join(b.programs, "serve"), "-interface", lan.Bridge, "-dhcp", "full", b.tree)
	server.Stdout, server.Stderr = log, log
	server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := server.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	defer server.Process.Kill()
	if err := b.wait(log.Name()); err != nil {
		return err
	}
	fmt.Printf("## %d machines at once\n", b.clients)
	took, err := b.round(b.hosts)
	if err != nil {
		return err
	}
	last := took[len(took)-1]
	loaded := float64(len(took)*(sizes["amd64/vmlinuz"]+sizes["amd64/initramfs"])) / 1e6
	fmt.Printf("all loaded all of it right; the first after %.1f s, half after %.1f s, the last after %.1f s; %.0f MB/s in all\n",
		took[0], took[len(took)/2], last, loaded/last)
	show(server.Process.Pid)
	if b.odd > 0 {
		fmt.Printf("\n## The same, while others send nonsense for %v\n", b.odd)
		if err := b.beside(); err != nil {
			return err
		}
		show(server.Process.Pid)
	}
	select {
	case err := <-ended:
		content, _ := os.ReadFile(log.Name())
		return fmt.Errorf("the server ended: %v\n%s", err, content[max(len(content)-4000, 0):])
	default:
		fmt.Println("the server still runs")
		return nil
	}
}

// wait waits until the server says that it serves.
func (b *bench) wait(log string) error {
	for range 600 {
		content, err := os.ReadFile(log)
		if err != nil {
			return err
		}
		if strings.Contains(string(content), "serving at ") {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("the server does not serve")
}

// round boots machines at once, and returns how many seconds each took, the least first.
func (b *bench) round(hosts []*lan.Host) ([]float64, error) {
	took, failures := make([]float64, len(hosts)), make([]error, len(hosts))
	var running sync.WaitGroup
	begin := time.Now()
	for i, h := range hosts {
		running.Go(func() {
			failures[i] = b.boot(h)
			took[i] = time.Since(begin).Seconds()
		})
	}
	running.Wait()
	failures = slices.DeleteFunc(failures, func(err error) bool { return err == nil })
	if len(failures) > 0 {
		return nil, fmt.Errorf("%d of %d machines did not boot, one of them: %w", len(failures), len(hosts), failures[0])
	}
	slices.Sort(took)
	return took, nil
}

// show prints what the server has used.
func show(process int) {
	content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	for line := range strings.Lines(string(content)) {
		if strings.HasPrefix(line, "VmHWM") || strings.HasPrefix(line, "Threads") {
			fmt.Print("server ", line)
		}
	}
}

// beside boots ten machines after the other ten for as long as nonsense is sent.
func (b *bench) beside() error {
	end := time.Now().Add(b.odd)
	var odd sync.WaitGroup
	var sent [3]int
	for i := range sent {
		h, err := lan.NewHost(fmt.Sprint("odd", i))
		if err != nil {
			return err
		}
		if err := h.SetAddress(fmt.Sprintf("10.77.255.%d/16", i+1)); err != nil {
			return err
		}
		odd.Go(func() { sent[i] = nonsense(h, uint64(i), end) })
	}
	var all []float64
	for i := 0; time.Now().Before(end); i = (i + 10) % len(b.hosts) {
		took, err := b.round(b.hosts[i:min(i+10, len(b.hosts))])
		if err != nil {
			return fmt.Errorf("after %d machines: %w", len(all), err)
		}
		all = append(all, took...)
	}
	odd.Wait()
	slices.Sort(all)
	fmt.Printf("all %d loaded all of it right, half within %.1f s, 99 of 100 within %.1f s, all within %.1f s\n",
		len(all), all[len(all)/2], all[len(all)*99/100], all[len(all)-1])
	fmt.Printf("%d odd packets and connections were sent\n", sent[0]+sent[1]+sent[2])
	return nil
}

// nonsense sends packets to the server that are right but for a few bytes, or not at all.
func nonsense(h *lan.Host, seed uint64, end time.Time) (sent int) {
	source := rand.New(rand.NewPCG(seed, 1))
	discover, _ := dhcpv4.NewDiscovery(h.MAC, dhcpv4.WithOption(dhcpv4.OptClassIdentifier("PXEClient:Arch:00007:UNDI:003016")),
		dhcpv4.WithOption(dhcpv4.OptClientArch(iana.EFI_X86_64)), dhcpv4.WithGeneric(dhcpv4.OptionClientMachineIdentifier, make([]byte, 17)))
	good := map[int][]byte{67: discover.ToBytes(), 4011: discover.ToBytes(), 69: tftpclient.Request("ipxe/undionly.kpxe", "tsize", "0", "blksize", "1468", "windowsize", "8")}
	ports := []int{67, 4011, 69, 80}
	for time.Now().Before(end) {
		port := ports[source.IntN(len(ports))]
		h.Do(func() error {
			if port == 80 {
				return chatter(source)
			}
			conn, err := net.ListenUDP("udp4", nil)
			if err != nil {
				return err
			}
			defer conn.Close()
			for range 100 {
				conn.WriteToUDP(spoil(source, good[port]), &net.UDPAddr{IP: net.IPv4(10, 77, 0, 1), Port: port})
				sent++
			}
			return nil
		})
		time.Sleep(time.Millisecond)
	}
	return sent
}

// spoil returns a packet that is wrong somewhere.
func spoil(source *rand.Rand, packet []byte) []byte {
	packet = slices.Clone(packet)
	for range 1 + source.IntN(8) {
		packet[source.IntN(len(packet))] = byte(source.Uint32())
	}
	switch source.IntN(4) {
	case 0:
		packet = packet[:source.IntN(len(packet)+1)]
	case 1:
		packet = append(packet, packet[source.IntN(len(packet)):]...)
	case 2:
		packet = make([]byte, source.IntN(1400))
		for i := range packet {
			packet[i] = byte(source.Uint32())
		}
	}
	return packet
}

// chatter connects by HTTP, says something odd, and leaves without reading.
func chatter(source *rand.Rand) error {
	conn, err := net.DialTimeout("tcp4", "10.77.0.1:80", time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.Write(spoil(source, []byte("GET /../amd64/initramfs HTTP/1.1\r\nHost: x\r\nRange: bytes=5-\r\n\r\n")))
	return nil
}
