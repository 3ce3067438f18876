package filesystem

import (
	"strings"
	"testing"
)

// What is given to mount(2), in place of what mount.nfs and mount.cifs would give.
func TestPrepare(t *testing.T) {
	for spec, want := range map[string]string{
		"n,src=10.0.0.1:/a":                                   "nfs 10.0.0.1:/a addr=10.0.0.1,vers=4.2,softerr",
		"n,src=10.0.0.1:/a,opts=vers=3|ro":                    "nfs 10.0.0.1:/a vers=3,addr=10.0.0.1,nolock,softerr",
		"n,src=10.0.0.1:/a,opts=nfsvers=3|lock|hard":          "nfs 10.0.0.1:/a nfsvers=3,lock,hard,addr=10.0.0.1",
		"n,src=[fd00::1]:/,type=nfs4,opts=vers=4.1":           "nfs [fd00::1]:/ vers=4.1,addr=fd00::1,softerr",
		"n,src=server:/a,opts=addr=10.0.0.2|soft":             "nfs server:/a addr=10.0.0.2,soft,vers=4.2",
		"c,src=//10.0.0.1/s":                                  "cifs //10.0.0.1/s ip=10.0.0.1,sec=none",
		`c,src=\\10.0.0.1\s,type=smb3,opts=user=a|password=b`: "cifs //10.0.0.1/s user=a,password=b,ip=10.0.0.1",
		"p,src=share,type=9p,opts=trans=virtio|nosuid":        "9p share trans=virtio",
		"s,src=a.b@cluster,type=ceph":                         "ceph a.b@cluster ",
		"v,src=share,type=virtiofs":                           "virtiofs share ",
	} {
		f, err := Parse(spec)
		if err != nil {
			t.Fatal(err)
		}
		m := f.mounting()
		if err := f.prepare(t.Context(), m); err != nil {
			t.Errorf("%s: %v", spec, err)
			continue
		}
		if got := m.kind + " " + m.source + " " + strings.Join(m.options.Data, ","); got != want {
			t.Errorf("%s: got %q, want %q", spec, got, want)
		}
	}
}

func TestPrepareRefuses(t *testing.T) {
	for spec, because := range map[string]string{
		"n,src=nowhere,type=nfs":                 "HOST:/PATH",
		"c,src=//host,type=cifs":                 "//HOST/SHARE",
		"c,src=//10.0.0.1/s,opts=credentials=/f": "give username= and password=",
		"c,src=//10.0.0.1/s,opts=cred=/f":        "give username= and password=",
		"d,src=nowhere":                          "not a local device",
	} {
		f, err := Parse(spec)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.prepare(t.Context(), f.mounting()); err == nil || !strings.Contains(err.Error(), because) {
			t.Errorf("%s: got %v, want %q", spec, err, because)
		}
	}
}
