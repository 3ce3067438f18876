package size

import (
	"strings"
	"testing"
)

// Each form of a size in each of the three grammars; 0 is an error.
func TestParse(t *testing.T) {
	parsers := []func(string) (int64, error){Parse, ParseMemory, ParseBlocks}
	for text, want := range map[string][3]int64{
		"4096":               {4096, 4096, 4096},
		"4096B":              {4096, 4096, 4096},
		"4096b":              {4096, 4096, 4096 * 512},
		"512K":               {512 << 10, 512 << 10, 512 << 10},
		"500m":               {500 << 20, 500 << 20, 500 << 20},
		"1g":                 {1 << 30, 1 << 30, 1 << 30},
		"1G":                 {1 << 30, 1 << 30, 1 << 30},
		"2GiB":               {2 << 30, 2 << 30, 2 << 30},
		"2gib":               {2 << 30, 2 << 30, 2 << 30},
		"1GB":                {1e9, 1 << 30, 1e9},
		"3kb":                {3000, 3 << 10, 3000},
		"1T":                 {1 << 40, 1 << 40, 1 << 40},
		"2P":                 {2 << 50, 2 << 50, 2 << 50},
		"1.5G":               {3 << 29, 3 << 29, 0},
		".5k":                {512, 512, 0},
		"0.0000001G":         {107, 107, 0},
		"8191P":              {8191 << 50, 8191 << 50, 8191 << 50},
		"8192P":              {},
		"8192.5P":            {},
		"99999999999999999b": {99999999999999999, 99999999999999999, 0},
		"99999999999T":       {},
		"":                   {}, "b": {}, "k": {}, "-1": {}, "-1b": {}, "1bb": {}, "1kk": {}, "x": {}, "G": {}, "-1G": {}, "1X": {}, "1iB": {},
		"1GG": {}, "1BK": {}, "1 G": {}, " 1": {}, "lots": {}, "%": {}, "1..5G": {}, ".": {}, ".G": {}, "1e3": {}, "0x10": {}, "Inf": {}, "NaN": {}, "1_000": {}, "1,5G": {}, "+1": {},
	} {
		for i, parse := range parsers {
			got, err := parse(text)
			if got != want[i] && err == nil || (err == nil) != (want[i] != 0) {
				t.Errorf("grammar %d, %q: got %d, %v, want %d", i, text, got, err, want[i])
			}
			if err != nil && !strings.Contains(err.Error(), `"`+text+`"`) {
				t.Errorf("%q: the error does not name it: %v", text, err)
			}
		}
	}
	for _, parse := range parsers {
		if got, err := parse("0"); got != 0 || err != nil {
			t.Errorf("0: got %d, %v", got, err)
		}
	}
}

func TestParsePart(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "1K": 1024, "0%": 0, "20%": 200, "150%": 1500} {
		if part, err := ParsePart(text); err != nil || part.Of(1000) != want {
			t.Errorf("%s: got %+v, %v, want %d of 1000", text, part, err, want)
		}
	}
	for _, text := range []string{"", "%", "-5%", "1.5%", "G%", "lots"} {
		if part, err := ParsePart(text); err == nil {
			t.Errorf("%q: got %+v", text, part)
		}
	}
}
