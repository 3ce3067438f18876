package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"bootrc/test/lan"
	"bootrc/test/tftpclient"
)

// side is one of the servers that are compared.
type side struct {
	name, address string
	command       []string
	get           func(b *bench, h *lan.Host, address string) error
	bytes         int
	running       *lan.Program
}

// throughput measures each server, by turns, each alone in a network namespace of its own, with one client and
// with eight.
func (b *bench) throughput(work string) error {
	config := filepath.Join(work, "nginx.conf")
	err := os.WriteFile(config, fmt.Appendf(nil, `daemon off; worker_processes auto; pid %[1]s/nginx.pid; error_log stderr; user root;
events { worker_connections 1024; }
http { access_log off; sendfile on; tcp_nopush on; client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi;
uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi; server { listen 80; root %[2]s; } }
`, work, b.tree), 0o644)
	if err != nil {
		return err
	}
	own := func(link string) []string {
		return []string{filepath.Join(b.programs, "serve"), "-interface", link + "-", "-dhcp", "none", b.tree}
	}
	groups := [][]side{
		{{"HTTP, serve", "10.77.1.1", own("http1"), byHTTP, sizes["public/large"], nil},
			{"HTTP, nginx", "10.77.1.2", []string{filepath.Join(b.programs, "nginx"), "-c", config}, byHTTP, sizes["public/large"], nil}},
		{{"TFTP, serve", "10.77.2.1", own("tftp1"), byTFTP(1), sizes["public/small"], nil},
			{"… windows of 8", "10.77.2.4", own("tftp2"), byTFTP(8), sizes["public/small"], nil},
			{"TFTP, tftpd-hpa", "10.77.2.2", []string{filepath.Join(b.programs, "in.tftpd"), "-L", "-s", "-u", "root", b.tree}, byTFTP(1), sizes["public/small"], nil},
			{"TFTP, dnsmasq", "10.77.2.3", []string{"dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--user=root",
				"--enable-tftp", "--tftp-root=" + b.tree}, byTFTP(1), sizes["public/small"], nil}},
	}
	for g, sides := range groups {
		for i := range sides {
			link := []string{"http", "tftp"}[g] + fmt.Sprint(i+1)
			running, err := lan.Start(os.Stderr, link, sides[i].address+"/16", sides[i].command...)
			if err != nil {
				return err
			}
			defer running.Stop()
			sides[i].running = running
		}
	}
	var hosts []*lan.Host
	for i := range 8 {
		h, err := lan.NewHost(fmt.Sprint("load", i))
		if err != nil {
			return err
		}
		if err := h.SetAddress(fmt.Sprintf("10.77.3.%d/16", i+1)); err != nil {
			return err
		}
		hosts = append(hosts, h)
	}
	for _, sides := range groups {
		if err := b.warm(sides, hosts[:1]); err != nil {
			return err
		}
		for _, clients := range []int{1, 8} {
			if err := b.compare(sides, hosts[:clients]); err != nil {
				return err
			}
		}
	}
	return nil
}

// warm waits until all of the servers serve.
func (b *bench) warm(sides []side, host []*lan.Host) (err error) {
	for _, s := range sides {
		for range 60 {
			if _, err = b.speed(s, host); err == nil {
				break
			}
			time.Sleep(time.Second)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// compare prints the medians of the servers, in MB/s, and what they use of the processor for a GB, which does not depend on how
// busy the machine is; each beside the first one's.
func (b *bench) compare(sides []side, hosts []*lan.Host) error {
	speeds, used := make([][]float64, len(sides)), make([]float64, len(sides))
	for i, s := range sides {
		used[i] = -s.running.Processor()
	}
	for round := range b.rounds {
		for i := range sides {
			i = (i + round) % len(sides)
			speed, err := b.speed(sides[i], hosts)
			if err != nil {
				return fmt.Errorf("%s: %w", sides[i].name, err)
			}
			speeds[i] = append(speeds[i], speed)
		}
	}
	for i, s := range sides {
		used[i] += s.running.Processor()
	}
	fmt.Printf("## %d at once\n", len(hosts))
	for i, s := range sides {
		slices.Sort(speeds[i])
		median := func(list []float64) float64 { return list[len(list)/2] }
		perGB := func(i int) float64 {
			return used[i] / (float64(b.rounds*len(hosts)*s.bytes) / 1e9)
		}
		fmt.Printf("%-16s %7.1f MB/s (%.1f - %.1f), %.2f of the first's; %.2f s of the processor for a GB, %.2f\n", s.name,
			median(speeds[i]), speeds[i][0], speeds[i][len(speeds[i])-1], median(speeds[i])/cmp.Or(median(speeds[0]), 1),
			perGB(i), perGB(i)/cmp.Or(perGB(0), 1))
	}
	return nil
}

func (b *bench) speed(s side, hosts []*lan.Host) (float64, error) {
	failures := make([]error, len(hosts))
	begin := time.Now()
	var running sync.WaitGroup
	for i, h := range hosts {
		running.Go(func() { failures[i] = h.Do(func() error { return s.get(b, h, s.address) }) })
	}
	running.Wait()
	took := time.Since(begin).Seconds()
	for _, err := range failures {
		if err != nil {
			return 0, err
		}
	}
	return float64(len(hosts)*s.bytes) / 1e6 / took, nil
}

func byHTTP(_ *bench, _ *lan.Host, address string) error {
	conn, err := net.DialTimeout("tcp4", address+":80", patience)
	if err != nil {
		return err
	}
	defer conn.Close()
	r := &reader{conn, bufio.NewReaderSize(conn, 256<<10)}
	body, err := r.open(&url.URL{Scheme: "http", Host: address, Path: "/public/large"})
	if err != nil {
		return err
	}
	n, err := io.Copy(io.Discard, body)
	if err == nil && n != int64(sizes["public/large"]) {
		err = fmt.Errorf("%d bytes", n)
	}
	return err
}

// byTFTP gets a file in windows of so many blocks: of one alone, that is without the option, which the others do not know.
func byTFTP(window int) func(*bench, *lan.Host, string) error {
	return func(_ *bench, _ *lan.Host, address string) error {
		conn, err := net.ListenUDP("udp4", nil)
		if err != nil {
			return err
		}
		defer conn.Close()
		options := []string{"tsize", "0", "blksize", "1468"}
		if window > 1 {
			options = append(options, "windowsize", fmt.Sprint(window))
		}
		client := tftpclient.Client{Conn: conn, Server: &net.UDPAddr{IP: net.ParseIP(address), Port: 69}, Wait: time.Second, Window: window}
		content, _, err := client.Get(tftpclient.Request("public/small", options...))
		if err == nil && len(content) != sizes["public/small"] {
			err = fmt.Errorf("%d bytes", len(content))
		}
		return err
	}
}
