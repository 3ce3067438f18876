package quote

import (
	"os/exec"
	"testing"

	"bootrc/test/program"
)

// The real shell gives the words back.
func TestWords(t *testing.T) {
	words := []string{"", "plain", "two words", "it's", "'", `"$(echo x)"`, "a\nb", `\`, "`x`", "*", "ünï"}
	want := ""
	for _, word := range words {
		want += "<" + word + ">"
	}
	script := `list=` + Word(Words(words)) + `; eval "set -- $list"; for word; do printf '<%s>' "$word"; done`
	out, err := exec.Command(program.Need(t, "dash"), "-c", script).CombinedOutput()
	if err != nil || string(out) != want {
		t.Errorf("got %q, %v, want %q", out, err, want)
	}
}
