package filesystem

import (
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for spec, want := range map[string]Filesystem{
		"data,src=/dev/sdb1":                            {Name: "data", Source: "/dev/sdb1"},
		"data,src=LABEL=my data,type=ext4":              {Name: "data", Source: "LABEL=my data", Type: "ext4"},
		"n,type=nfs,src=10.0.0.1:/a,opts=vers=3|nolock": {Name: "n", Source: "10.0.0.1:/a", Type: "nfs", Options: []string{"vers=3", "nolock"}},
		"c,src=//host/share,opts=username=a|password=b": {Name: "c", Source: "//host/share", Options: []string{"username=a", "password=b"}},
	} {
		got, err := Parse(spec)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v, want %+v", spec, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for spec, because := range map[string]string{
		"":                         "a name stands first",
		"src=/dev/sda":             "a name stands first",
		"a/b,src=/dev/sda":         "a name stands first",
		"data":                     "src= is missing",
		"data,src=":                "src= is missing",
		"data,type=ext4":           "src= is missing",
		"data,src=/dev/sda,ro":     `"ro": expected src=`,
		"data,src=/dev/sda,uid=10": `"uid=10": expected src=`,
	} {
		_, err := Parse(spec)
		if err == nil || !strings.Contains(err.Error(), because) || !strings.HasPrefix(err.Error(), "b2c.filesystem="+spec+": ") {
			t.Errorf("%q: got %v, want the argument and %q", spec, err, because)
		}
	}
}

func TestFind(t *testing.T) {
	const list = `'a,src=/dev/sda' 'b,src=LABEL=it'\''s' 'a,src=/dev/sdb'`
	for name, source := range map[string]string{"a": "/dev/sdb", "b": "LABEL=it's"} {
		if f, err := Find(list, name); err != nil || f.Source != source {
			t.Errorf("%s: got %+v, %v, want %s", name, f, err, source)
		}
	}
	if _, err := Find(list, "c"); err == nil || !strings.Contains(err.Error(), "there are: a, b, a") {
		t.Errorf("c: got %v", err)
	}
	if _, err := Find("", "c"); err == nil || !strings.Contains(err.Error(), "there is no b2c.filesystem=c,src=") {
		t.Errorf("c of none: got %v", err)
	}
}

func TestDrivers(t *testing.T) {
	for spec, want := range map[string]string{
		"a,src=/dev/sda":                             "",
		"a,src=/dev/sda,type=xfs":                    "fs-xfs",
		"a,src=gateway:/public":                      "nfsv4",
		"a,src=gateway:/public,opts=vers=4.1|port=1": "nfsv4",
		"a,src=gateway:/public,type=nfs4":            "nfsv4",
		"a,src=gateway:/public,opts=ro|nfsvers=3":    "nfsv3",
		"a,src=//gateway/share":                      "fs-cifs",
		"a,src=share,type=9p,opts=trans=virtio":      "9p 9pnet_virtio",
		"a,src=share,type=virtiofs":                  "fs-virtiofs",
	} {
		f, err := Parse(spec)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(f.mounting().drivers(), " "); got != want {
			t.Errorf("%s: got %q, want %q", spec, got, want)
		}
	}
}

func TestAll(t *testing.T) {
	all, err := All("'a,src=/dev/sda' b 'c,src=/dev/sdb'")
	if len(all) != 2 || all[0].Name != "a" || all[1].Name != "c" || err == nil || !strings.Contains(err.Error(), "b2c.filesystem=b: ") {
		t.Errorf("got %+v, %v", all, err)
	}
}
