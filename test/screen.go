package test

import (
	"fmt"
	"image"
	"regexp"
	"strings"
	"time"
)

// The cells of a VGA screen in text mode.
const columns, rows = 80, 25

// glyph is what a cell shows: a bit for each lit pixel, or for each dark one where the cell is inverse.
type glyph string

// alphabet is what the first two lines show of a screen whose characters are learned.
var alphabet = func() string {
	var all strings.Builder
	for c := ' '; c <= '~'; c++ {
		all.WriteRune(c)
	}
	return all.String()
}()

// screen waits until the machine's screen shows an expression, or learns from it how characters look.
func (s *scenario) screen(args []string) error {
	m, err := s.booted()
	if err != nil {
		return err
	}
	if len(args) != 1 {
		return fmt.Errorf("usage: screen RE, or screen -learn")
	}
	if args[0] == "-learn" {
		picture, err := m.Screen()
		if err == nil {
			s.glyphs, err = learn(picture)
		}
		return err
	}
	re, err := regexp.Compile("(?m)" + args[0])
	if err != nil {
		return err
	}
	for ; ; time.Sleep(200 * time.Millisecond) {
		picture, err := m.Screen()
		if err != nil {
			return fmt.Errorf("the screen did not show %s: %w", re, err)
		}
		text := s.glyphs.read(picture)
		if re.MatchString(text) {
			return nil
		}
		if time.Now().After(m.Deadline) {
			return fmt.Errorf("the screen did not show %s, but:\n%s", re, text)
		}
	}
}

// glyphs tells characters by what they look like.
type glyphs map[glyph]rune

func learn(picture image.Image) (glyphs, error) {
	known := make(glyphs)
	for i, c := range alphabet {
		shown := glyphAt(picture, i%columns, i/columns)
		if other, ok := known[shown]; ok {
			return nil, fmt.Errorf("%q and %q look the same: the alphabet is not in the first lines of the screen", other, c)
		}
		known[shown] = c
	}
	return known, nil
}

// read returns the text of a screen, without blanks at the ends of lines. What is unknown is a question mark.
func (known glyphs) read(picture image.Image) string {
	var text strings.Builder
	for row := range rows {
		var line strings.Builder
		for column := range columns {
			c, ok := known[glyphAt(picture, column, row)]
			if !ok {
				c = '?'
			}
			line.WriteRune(c)
		}
		text.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return text.String()
}

func glyphAt(picture image.Image, column, row int) glyph {
	width, height := picture.Bounds().Dx()/columns, picture.Bounds().Dy()/rows
	lit := func(x, y int) bool {
		r, g, b, _ := picture.At(column*width+x, row*height+y).RGBA()
		return r+g+b > 0
	}
	inverse := lit(0, 0)
	bits := make([]byte, 0, width*height)
	for y := range height {
		for x := range width {
			bit := byte('.')
			if lit(x, y) != inverse {
				bit = '#'
			}
			bits = append(bits, bit)
		}
	}
	return glyph(bits)
}
