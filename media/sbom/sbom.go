// Package sbom lists what a release is made of, in the form of SPDX 2.3 (ISO/IEC 5962).
package sbom

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"
	"runtime/debug"
	"time"
)

// Part is one package of somebody's.
type Part struct {
	Name, Version string
	URL           string // its package URL (purl)
}

// List is what something is made of.
type List struct {
	Name  string
	Parts []Part
}

// Modules are the Go modules, and the Go itself, that a program was built from.
func Modules(info *debug.BuildInfo) []Part {
	parts := []Part{{"go", info.GoVersion, "pkg:golang/stdlib@" + info.GoVersion}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		parts = append(parts, Part{m.Path, m.Version, "pkg:golang/" + m.Path + "@" + url.PathEscape(m.Version)})
	}
	return parts
}

// Debian is one of Debian's packages.
func Debian(name, version, arch string) Part {
	return Part{name, version, fmt.Sprintf("pkg:deb/debian/%s@%s?arch=%s", name, url.PathEscape(version), arch)}
}

type document struct {
	Version   string        `json:"spdxVersion"`
	License   string        `json:"dataLicense"`
	ID        string        `json:"SPDXID"`
	Name      string        `json:"name"`
	Namespace string        `json:"documentNamespace"`
	Creation  creation      `json:"creationInfo"`
	Packages  []spdxPackage `json:"packages"`
	Relations []relation    `json:"relationships"`
}

type creation struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

type spdxPackage struct {
	Name     string      `json:"name"`
	ID       string      `json:"SPDXID"`
	Version  string      `json:"versionInfo,omitempty"`
	Download string      `json:"downloadLocation"`
	Analyzed bool        `json:"filesAnalyzed"`
	Refs     []reference `json:"externalRefs,omitempty"`
}

type reference struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type relation struct {
	From string `json:"spdxElementId"`
	Kind string `json:"relationshipType"`
	To   string `json:"relatedSpdxElement"`
}

// SPDX writes the list as a document of that date. One list has always the same name space.
func (l List) SPDX(date time.Time) ([]byte, error) {
	const none, whole = "NOASSERTION", "SPDXRef-bootrc"
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", l))
	d := document{
		Version: "SPDX-2.3", License: "CC0-1.0", ID: "SPDXRef-DOCUMENT", Name: l.Name,
		Namespace: fmt.Sprintf("https://spdx.org/spdxdocs/%s-%x", l.Name, sum[:16]),
		Creation:  creation{date.UTC().Format(time.RFC3339), []string{"Tool: mkinitramfs.sh"}},
		Packages:  []spdxPackage{{Name: l.Name, ID: whole, Download: none}},
		Relations: []relation{{"SPDXRef-DOCUMENT", "DESCRIBES", whole}},
	}
	for i, p := range l.Parts {
		id := fmt.Sprintf("SPDXRef-%d", i+1)
		d.Packages = append(d.Packages, spdxPackage{
			Name: p.Name, ID: id, Version: p.Version, Download: none,
			Refs: []reference{{"PACKAGE-MANAGER", "purl", p.URL}},
		})
		d.Relations = append(d.Relations, relation{whole, "CONTAINS", id})
	}
	text, err := json.MarshalIndent(d, "", "  ")
	return append(text, '\n'), err
}
