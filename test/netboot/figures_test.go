package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// said is what a program writes, with the time at which each line ended.
type said struct {
	begin time.Time
	text  bytes.Buffer
	ends  []lineEnd
}

type lineEnd struct {
	offset int
	at     time.Duration
}

// Write keeps what comes.
func (s *said) Write(p []byte) (int, error) {
	now := time.Since(s.begin)
	for i, b := range p {
		if b == '\n' {
			s.ends = append(s.ends, lineEnd{s.text.Len() + i + 1, now})
		}
	}
	return s.text.Write(p)
}

var (
	asks   = regexp.MustCompile(`DHCPDISCOVER|DHCP: `)
	loaded = regexp.MustCompile(`(?:HTTP|TFTP): .*?, (\d+)(?: of \d+)? bytes in `)
	ran    = regexp.MustCompile(`\[ *([0-9.]+)\] Run /init as init process`)
)

// figures tells what the firmware and its loaders have loaded, where the server says so, and when the kernel ran /init.
func (s *said) figures() string {
	var first, last, init time.Duration
	var size, clock = 0, ""
	begin := 0
	for _, end := range s.ends {
		line := s.text.Bytes()[begin:end.offset]
		begin = end.offset
		if first == 0 && asks.Match(line) {
			first = end.at
		}
		if found := loaded.FindSubmatch(line); found != nil {
			n, _ := strconv.Atoi(string(found[1]))
			size, last = size+n, end.at
		}
		if found := ran.FindSubmatch(line); found != nil {
			init, clock = end.at, string(found[1])
			break
		}
	}
	text := fmt.Sprintf("/init %.1f s after the first DHCP request, at %s s of the kernel's clock", (init - first).Seconds(), clock)
	if size > 0 {
		text = fmt.Sprintf("%.2f MB loaded, the last of it %.1f s before /init; %s", float64(size)/1e6, (init - last).Seconds(), text)
	}
	return text
}
