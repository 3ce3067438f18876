package sbom

import (
	"encoding/json"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

func TestSPDX(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26.0", Deps: []*debug.Module{
		{Path: "a.example/old", Version: "v1", Replace: &debug.Module{Path: "a.example/new", Version: "v2"}},
	}}
	list := List{Name: "bootrc-amd64", Parts: append(Modules(info), Debian("grub", "2.06-13+deb12u2", "amd64"))}
	text, err := list.SPDX(time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Version  string `json:"spdxVersion"`
		Packages []struct {
			ID   string `json:"SPDXID"`
			Refs []struct {
				Locator string `json:"referenceLocator"`
			} `json:"externalRefs"`
		}
		Relations []struct {
			To string `json:"relatedSpdxElement"`
		} `json:"relationships"`
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	if d.Version != "SPDX-2.3" || len(d.Packages) != 4 || len(d.Relations) != 4 || !strings.Contains(string(text), `"created": "1970-01-01T00:00:00Z"`) {
		t.Fatalf("the document is\n%s", text)
	}
	for i, want := range []string{"pkg:golang/stdlib@go1.26.0", "pkg:golang/a.example/new@v2", "pkg:deb/debian/grub@2.06-13+deb12u2?arch=amd64"} {
		p := d.Packages[i+1]
		if p.Refs[0].Locator != want || d.Relations[i+1].To != p.ID {
			t.Errorf("part %d is %+v, want %s", i, p, want)
		}
	}
}
