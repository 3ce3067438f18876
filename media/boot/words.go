package main

import (
	"fmt"

	"bootrc/kit/quote"
)

// words is an option whose values are split as a shell splits, and which may be repeated.
type words []string

func (w *words) String() string { return fmt.Sprint(*w) }

func (w *words) Set(text string) error {
	more, err := quote.Split(text)
	*w = append(*w, more...)
	return err
}
