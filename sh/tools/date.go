package tools

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bootrc/kit/command"

	"golang.org/x/sys/unix"
)

func dateCommand() command.Command {
	return command.Command{
		Name: "date", Summary: "print or set the time", Operands: "[+FORMAT]", Run: tool(date),
		Text: "DATE is @SECONDS since 1970, or YYYY-MM-DD[ HH:MM[:SS]] in UTC, or as RFC 3339 has\nit. FORMAT is strftime(3)'s.",
		Options: []command.Option{
			{Names: "-u, --utc", Help: "print UTC"},
			{Names: "-d, --date", Value: "DATE", Help: "print this time instead of now"},
			{Names: "-s, --set", Value: "DATE", Help: "set the clock"},
		},
		Examples: []string{"date -u +%Y-%m-%dT%H:%M:%SZ"},
	}
}

func date(_ context.Context, c *call) error {
	when, operands := time.Now(), c.Args
	if given := c.Text("date") + c.Text("set"); given != "" {
		var err error
		if when, err = parseDate(given); err != nil {
			return err
		}
	}
	if c.Text("set") != "" {
		tv := unix.NsecToTimeval(when.UnixNano())
		if err := unix.Settimeofday(&tv); err != nil {
			return fmt.Errorf("setting the clock: %w", err)
		}
	}
	format := "%a %b %e %H:%M:%S %Z %Y"
	if len(operands) == 1 {
		var ok bool
		if format, ok = strings.CutPrefix(operands[0], "+"); !ok {
			return command.Usagef("%q is not a format: it starts with +", operands[0])
		}
	}
	if c.Flag("utc") {
		when = when.UTC()
	} else {
		when = when.Local()
	}
	text, err := formatDate(format, when)
	if err != nil {
		return command.Usagef("%w", err)
	}
	c.Printf("%s\n", text)
	return nil
}

// parseDate reads @SECONDS since 1970, RFC 3339, or its parts from the left in UTC.
func parseDate(s string) (time.Time, error) {
	if number, ok := strings.CutPrefix(s, "@"); ok {
		if n, err := strconv.ParseInt(number, 10, 64); err == nil {
			return time.Unix(n, 0), nil
		}
	}
	for _, layout := range []string{time.RFC3339, time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a date: give @SECONDS or YYYY-MM-DD HH:MM:SS", s)
}

// formatDate follows XCU, date, "Conversion Specifications", in the C locale,
// with %s, %N, %F, %k, %P and %z.
func formatDate(format string, t time.Time) (string, error) {
	var out strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			out.WriteByte(format[i])
			continue
		}
		i++
		text, ok := dateField(format[i], t)
		if !ok {
			return "", fmt.Errorf("unknown field %%%c", format[i])
		}
		out.WriteString(text)
	}
	return out.String(), nil
}

func dateField(field byte, t time.Time) (string, bool) {
	if i := strings.IndexByte("aAbBdehHIjmMpPSyYZzDFTR", field); i >= 0 {
		layout := []string{
			"Mon", "Monday", "Jan", "January", "02", "_2", "Jan", "15", "03", "002", "01", "04", "PM", "pm", "05", "06", "2006",
			"MST", "-0700", "01/02/06", "2006-01-02", "15:04:05", "15:04",
		}[i]
		return t.Format(layout), true
	}
	switch field {
	case 's':
		return strconv.FormatInt(t.Unix(), 10), true
	case 'N':
		return fmt.Sprintf("%09d", t.Nanosecond()), true
	case 'k':
		return fmt.Sprintf("%2d", t.Hour()), true
	case 'C':
		return fmt.Sprintf("%02d", t.Year()/100), true
	case 'w':
		return strconv.Itoa(int(t.Weekday())), true
	case 'u':
		return strconv.Itoa((int(t.Weekday())+6)%7 + 1), true
	case 'c':
		return t.Format("Mon Jan _2 15:04:05 2006"), true
	case 'x':
		return t.Format("01/02/06"), true
	case 'X':
		return t.Format("15:04:05"), true
	case 'r':
		return t.Format("03:04:05 PM"), true
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case '%':
		return "%", true
	}
	return "", false
}
