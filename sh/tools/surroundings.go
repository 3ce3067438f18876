package tools

import "bytes"

// surroundings prints the lines around those that grep selects in a file.
type surroundings struct {
	g    *grepping
	name string
	kept [][]byte // the lines before this one
	last int      // the number of the line that was printed last
	left int      // lines to print behind the match
}

// pass is for a line that is not selected.
func (s *surroundings) pass(number int, line []byte) error {
	if s.g.count || s.g.list || s.g.quiet || s.g.before+s.g.after == 0 {
		return nil
	}
	if s.left > 0 {
		s.left--
		s.last = number
		return s.g.print(s.name, number, line, "-")
	}
	if s.g.before > 0 {
		if len(s.kept) == s.g.before {
			s.kept = s.kept[1:]
		}
		s.kept = append(s.kept, bytes.Clone(line))
	}
	return nil
}

// match prints the lines before the one that is selected.
func (s *surroundings) match(number int) error {
	first := number - len(s.kept)
	if s.g.before+s.g.after > 0 && s.g.separate && first > s.last+1 {
		s.g.c.Printf("--\n")
	}
	for i, line := range s.kept {
		if err := s.g.print(s.name, first+i, line, "-"); err != nil {
			return err
		}
	}
	s.kept, s.left, s.last, s.g.separate = nil, s.g.after, number, true
	return nil
}
