package filesystem

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// nfs adds what mount.nfs would have found out: the server's address (nfs(5),
// and fs/nfs/fs_context.c of the kernel, which looks no name up).
func (m *mounting) nfs(ctx context.Context) error {
	m.kind = "nfs"
	host, _, ok := cutServer(m.source)
	if !ok {
		return fmt.Errorf("%s: an NFS source is HOST:/PATH", m.source)
	}
	if m.options.Value("addr") == "" {
		address, err := lookup(ctx, host)
		if err != nil {
			return err
		}
		m.add("addr=" + address.String())
	}
	version := m.version()
	if version == "" {
		version = "4.2"
		m.add("vers=" + version)
	}
	if strings.HasPrefix(version, "3") || strings.HasPrefix(version, "2") {
		m.withoutLocks()
	}
	m.withEnd()
	return nil
}

// withEnd has a server that stays away be an error in the end (ETIMEDOUT, after timeo= and retrans=): a job
// that waits for ever tells nobody what is wrong.
func (m *mounting) withEnd() {
	for _, option := range m.options.Data {
		if option == "hard" || option == "soft" || option == "softerr" {
			return
		}
	}
	m.add("softerr")
}

// version is the version of NFS that was asked for, if any.
func (m *mounting) version() string {
	if v := m.options.Value("vers"); v != "" {
		return v
	}
	return m.options.Value("nfsvers")
}

// withoutLocks has locks of NFS 3 kept by this machine: there is no statd here
// to tell the server of a restart.
func (m *mounting) withoutLocks() {
	for _, option := range m.options.Data {
		if option == "lock" || option == "nolock" || strings.HasPrefix(option, "local_lock=") {
			return
		}
	}
	m.add("nolock")
}

// cutServer splits HOST:/PATH, where HOST may be an IPv6 address in brackets.
func cutServer(source string) (host, path string, ok bool) {
	host, path, ok = strings.Cut(source, ":/")
	return strings.Trim(host, "[]"), "/" + path, ok && host != ""
}

// cifs adds what mount.cifs would have found out (mount.cifs(8)): the server's
// address; without a user, it is a guest.
func (m *mounting) cifs(ctx context.Context) error {
	m.source = strings.ReplaceAll(m.source, `\`, "/")
	host, share, ok := strings.Cut(strings.TrimPrefix(m.source, "//"), "/")
	if !strings.HasPrefix(m.source, "//") || !ok || host == "" || share == "" {
		return fmt.Errorf("%s: an SMB source is //HOST/SHARE", m.source)
	}
	if m.options.Value("ip") == "" && m.options.Value("addr") == "" {
		address, err := lookup(ctx, strings.Trim(host, "[]"))
		if err != nil {
			return err
		}
		m.add("ip=" + address.String())
	}
	return m.credentials()
}

// credentials has the share mounted as nobody where nobody is named: asking is for
// mount.cifs, the kernel cannot.
func (m *mounting) credentials() error {
	for _, option := range m.options.Data {
		switch key, _, _ := strings.Cut(option, "="); key {
		case "credentials", "cred":
			return fmt.Errorf("option %s is one of mount.cifs: give username= and password=", key)
		case "username", "user", "sec":
			return nil
		}
	}
	m.add("sec=none")
	return nil
}

// lookup returns an address of a host, an IPv4 one where there is a choice.
func lookup(ctx context.Context, host string) (netip.Addr, error) {
	if address, err := netip.ParseAddr(host); err == nil {
		return address, nil
	}
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.Addr{}, err
	}
	for _, a := range addresses {
		if a.Unmap().Is4() {
			return a.Unmap(), nil
		}
	}
	return addresses[0], nil
}
