package test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// The transcripts of docs/debugging.md show what the scenarios of mend/ type, and what they wait for, in their order.
func TestTranscripts(t *testing.T) {
	page, err := os.ReadFile("../docs/debugging.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("mend/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if file == "mend/shell.txtar" || file == "mend/screen.txtar" { // these are about keys
			continue
		}
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		script := string(archive.Comment)
		about, script, _ := strings.Cut(strings.TrimPrefix(script, "# "), "\n")
		shown, err := transcript(string(page), about)
		if err == nil {
			err = follows(shown, script[strings.LastIndex(script, "\nboot "):])
		}
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// transcript returns the block under a heading in bold letters.
func transcript(page, heading string) (string, error) {
	_, rest, found := strings.Cut(strings.ToLower(page), "\n**"+strings.ToLower(heading)+"**\n\n")
	if !found {
		return "", fmt.Errorf("docs/debugging.md has no transcript **%s**", heading)
	}
	rest = page[len(page)-len(rest):]
	var block strings.Builder
	for line := range strings.Lines(rest) {
		text, indented := strings.CutPrefix(line, "    ")
		if !indented && line != "\n" {
			break
		}
		block.WriteString(text)
	}
	return block.String(), nil
}

// follows checks a transcript by the script that it is of.
func follows(shown, script string) error {
	for line := range strings.Lines(script) {
		command, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		var re *regexp.Regexp
		var err error
		switch command {
		case "type":
			re = regexp.MustCompile("(?m)" + regexp.QuoteMeta(asShown(unquoted(rest))) + "$")
		case "console", "screen":
			if strings.HasPrefix(rest, "-") {
				continue
			}
			re, err = regexp.Compile("(?m)" + asShown(unquoted(rest)))
		case "status":
			re = regexp.MustCompile("Execution is over, pipeline status: " + rest + "\n")
		default:
			continue
		}
		if err != nil {
			return err
		}
		at := re.FindStringIndex(shown)
		if at == nil {
			return fmt.Errorf("the transcript does not show, or not here: %s%s", line, shown)
		}
		shown = shown[at[1]:]
	}
	return nil
}

// unquoted returns what testscript makes of quoted words.
func unquoted(words string) string {
	return strings.ReplaceAll(strings.Trim(strings.ReplaceAll(words, "''", "\x00"), "'"), "\x00", "'")
}

// asShown replaces what only a test's registry and store need.
func asShown(text string) string {
	return strings.NewReplacer("--tls-verify=false ", "", "cmlnaHQta2V5LXJpZ2h0LWtleS1yaWdodC1rZXktcmlnaHQta2V5LXJpZ2h0LWtleS1yaWdodC1rZXkta2V5QQ==", "RIGHT",
		"'$REGISTRY'", "registry.example", "'$S3'", "http://s3.example,KEY,SECRET").Replace(text)
}
