package syntax

// ParseWords reads a text that is nothing but words: an operator or a command substitution
// in it is an error.
func ParseWords(text string) (words []*Word, err error) {
	p := NewParser(Text(text), 1)
	defer func() {
		switch failed := recover().(type) {
		case nil:
		case *Error:
			err = failed
		default:
			panic(failed)
		}
	}()
	for {
		t := p.nextToken()
		switch t.kind {
		case tokEnd:
			return words, nil
		case tokNewline:
		case tokOperator:
			p.fail(t.line, "%q is no word: put it into single quotes, or write sh -c '…'", t.text)
		default:
			if substitutes(t.word.Parts) {
				p.fail(t.line, "a command substitution is not allowed here")
			}
			words = append(words, t.word)
		}
	}
}

// substitutes tells whether there is a command substitution in a word.
func substitutes(parts []Part) bool {
	for _, part := range parts {
		switch part := part.(type) {
		case *Substitution:
			return true
		case *DoubleQuoted:
			if substitutes(part.Parts) {
				return true
			}
		case *Arithmetic:
			if substitutes(part.Parts) {
				return true
			}
		case *Param:
			if part.Word != nil && substitutes(part.Word.Parts) {
				return true
			}
		}
	}
	return false
}
