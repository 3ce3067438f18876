package network

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/vishvananda/netlink"

	"bootrc/kit/command"
	"bootrc/kit/device"
)

// tellNews says from time to time, until the function that it returns is called, what
// keeps a command waiting: the state of each card.
func (m *Manager) tellNews(call *command.Call) (stop func()) {
	done := make(chan struct{})
	var told sync.WaitGroup
	told.Go(func() {
		start, tick := time.Now(), time.NewTicker(m.times.news)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				call.Printf("no network after %s: %s\n", span(time.Since(start).Round(time.Second)), cards())
			case <-done:
				return
			}
		}
	})
	return func() {
		close(done)
		told.Wait()
	}
}

// cards lists the network cards, each with what it lacks.
func cards() string {
	var list []string
	links, _ := netlink.LinkList() // none can be listed: none is there
	for _, l := range links {
		if isWired(l) {
			list = append(list, cardState(l))
		}
	}
	for _, d := range device.Hardware("/sys", device.Network) {
		if d.Driver == "" {
			list = append(list, d.String())
		}
	}
	if len(list) == 0 {
		return "there is no network card"
	}
	return strings.Join(list, ", ")
}

// cardState names a card and what it lacks.
func cardState(l netlink.Link) string {
	name := l.Attrs().Name
	if driver, err := os.Readlink(filepath.Join("/sys/class/net", name, "device/driver")); err == nil {
		name += " (" + filepath.Base(driver) + ")"
	}
	switch {
	case !isUp(l):
		return fmt.Sprintf("%s: down", name)
	case !hasCarrier(l):
		return fmt.Sprintf("%s: no link", name)
	}
	return fmt.Sprintf("%s: link, but no answer", name)
}
