package alias

import (
	"os"
	"path/filepath"
	"testing"

	"bootrc/test/bound"
)

// FuzzAliases takes any text for a URL, for the value of MC_HOST_NAME, and for a file.
func FuzzAliases(f *testing.F) {
	f.Add("https://user:secret@s3.example.org:9000/?region=x&path=on")
	f.Add(`{"aliases":{"a":{"url":"http://h"}}}`)
	file := File(filepath.Join(f.TempDir(), "aliases"))
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(string(file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		bound.Input(t, len(text))
		New(text, "user", "password")
		parseEnvironment(text)
		Secrets(text)
		file.Read()
	})
}
