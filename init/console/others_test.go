package console

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// stuckTerminal never takes anything.
type stuckTerminal struct{}

func (stuckTerminal) Write([]byte) (int, error) { select {} }

// Other consoles show what the first one does, without sections; one that is dead keeps nobody.
func TestOtherConsoles(t *testing.T) {
	name := filepath.Join(t.TempDir(), "other")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	first := shown(t, "gitlab", func(c *Console) {
		c.Also(file)
		c.Also(stuckTerminal{})
		c.Hide("secret-token")
		c.Section("connect", "Connect", true)
		c.Write([]byte("eth0: secret-token\n"))
		for range 3 * queued {
			c.Write([]byte("x\n"))
		}
		c.Announce("over")
	})
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	other := string(text)
	if !strings.Contains(other, "Connect\n\neth0: [MASKED]\n") || strings.Contains(other, "section_") {
		t.Errorf("the other console shows %.200q", other)
	}
	if !strings.Contains(first, "section_start") || strings.Count(first, "x\n") != 3*queued || !strings.Contains(first, "over") {
		t.Errorf("the first console shows %.200q", first)
	}
}
