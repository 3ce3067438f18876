package run

import "strings"

// Quote writes text so that a shell reads it as one word.
func Quote(text string) string {
	if strings.IndexByte(text, '\'') < 0 {
		return "'" + text + "'"
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// quoteIfNeeded leaves text alone that a shell reads as one word anyhow.
func quoteIfNeeded(text string) string {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80 || strings.IndexByte("_-+./:,@%=^", c) >= 0 {
			continue
		}
		return Quote(text)
	}
	if text == "" {
		return "''"
	}
	return text
}
