package tools

import "testing"

func TestEcho(t *testing.T) {
	testScripts(t, []script{
		{line: `echo a 'b  c'`, want: "a b  c\n"},
		{line: `echo -n a; echo; echo -n -n b; echo -e c; echo -- d; echo`, want: "a\n-n b-e c\n-- d\n\n"},
		{line: `echo 'a\tb\\\101\0101\x41\e\q\'`, want: "a\tb\\AA\\x41\x1b\\q\\\n"},
		{line: `echo 'a\cb' c; echo d`, want: "ad\n"},
	})
}

func TestPrintf(t *testing.T) {
	testScripts(t, []script{
		// texts
		{line: `printf '%s %s|' a b c`, want: "a b|c |"},
		{line: `printf '%.2s|%5s|%-5s|%05s|%+3s|' abc a b c d`, want: "ab|    a|b    |    c|  d|"},
		{line: `printf '%*s|%.*s|%-*s|%*s|' 4 c 1 xyz 3 q -4 r`, want: "   c|x|q  |r   |"},
		{line: `printf '%c|%c|%3c|' abc '' x`, want: "a|\x00|  x|"},
		{line: `printf 'a%%b\n' unused`, want: "a%b\n"},
		{line: `printf '\1234\08\q\"\t'`, want: "S4\x008\\q\\\"\t"},
		{line: `printf -- '%s' a; printf '%s|%d|%f' `, want: "a|0|0.000000"},

		// %b
		{line: `printf '%b|%.3b|%5b' 'a\tb\n\0101\101' '\0101bcd' x`, want: "a\tb\nAA|Abc|    x"},
		{line: `printf '%b%s' 'a\cb' c; printf 'x\cy'; printf %s 'a\cb'`, want: "ax\\cya\\cb"},

		// whole numbers
		{line: `printf '%d %i %d %d|' 12 0x1f 010 '  7'`, want: "12 31 8 7|"},
		{line: `printf '%x %X %o %u %#x %#o %#x|' 255 255 8 -1 255 8 0`, want: "ff FF 10 18446744073709551615 0xff 010 0|"},
		{line: `printf '%+d % d %05d %.3d %-4d %8.3d %+x|' 5 5 42 7 3 7 5`, want: "+5  5 00042 007 3         007 5|"},
		{line: `printf '%0*d %-*d|' 5 3 4 2`, want: "00003 2   |"},
		{line: `printf "%d %d %d" "'a" '"b' "'"`, want: "97 98 0"},
		{line: `printf '%d\n' ''`, want: "0\n"},
		{line: `printf '%d %d %d\n' 3x abc 1`, want: "3 0 1\n", status: 1},
		{line: `printf '%d %d %u' 9223372036854775808 -9223372036854775809 18446744073709551616`,
			want: "9223372036854775807 -9223372036854775808 18446744073709551615", status: 1},
		{line: `printf '%d %d' 0x 1_0; printf '%d' 08`, want: "0 10", status: 1},

		// floating numbers
		{line: `printf '%f %.2f %e %E %.0f' 3.14159 2.345 1.5 1e10 2.5`, want: "3.141590 2.35 1.500000e+00 1.000000E+10 2"},
		{line: `printf '%g %G %g %g %g %.3g %.0g' 0.0001 1e20 100000 1000000 0.5 1234 17`, want: "0.0001 1E+20 100000 1e+06 0.5 1.23e+03 2e+01"},
		{line: `printf '%08.3f|%+.1e|%-10g|%10g' 3.14159 12345 1.5 1.5`, want: "0003.142|+1.2e+04|1.5       |       1.5"},
		{line: `printf '%f %f %F %5f' inf -inf inf nan`, want: "inf -inf INF   nan"},
		{line: `printf '%f %f' 1x ''`, want: "1.000000 0.000000", status: 1},

		// faults
		{line: `printf`, status: 2},
		{line: `printf 'a%z' x; echo $?`, want: "a2\n"},
		{line: `printf 'a%'; echo $?`, want: "a2\n"},
		{line: `printf '%2000000000d' 1`, status: 2, ours: "the host writes two gigabytes"},
	})
}

func TestTest(t *testing.T) {
	testScripts(t, []script{
		// by the number of arguments
		{line: `test; echo $?; [ ]; echo $?; [ a ]; echo $?; [ '' ]; echo $?`, want: "1\n1\n0\n1\n"},
		{line: `for x in -n -z ! '(' = -a -f ']' ; do [ $x ] || echo $x; [ "$x" = a ] && echo $x; [ a != "$x" ] || echo $x; done`},
		{line: `[ ! '' ]; echo $?; [ ! a ]; echo $?; [ -n '' ]; echo $?; [ -z '' ]; echo $?; [ -n -n ]; echo $?`, want: "0\n1\n1\n0\n0\n"},
		{line: `[ ! = ! ]; echo $?; [ '(' = '(' ]; echo $?; [ -n = -n ]; echo $?; [ '(' a ')' ]; echo $?; [ ! ! a ]; echo $?`, want: "0\n0\n0\n0\n0\n"},
		{line: `[ ! '(' a ')' ]; echo $?; [ '(' ! a ')' ]; echo $?; [ ! a = b ]; echo $?; [ ! ! ! a ]; echo $?`, want: "1\n1\n0\n1\n", ours: "dash takes the last for true"},
		{line: `[ a = b -o c = c ] && [ a -a b ] && [ ! a = b -a c ] && [ '(' a = a ')' -a '(' b = c -o d ')' ]`},
		{line: `[ a = a -a b = c ]`, status: 1},

		// texts and numbers
		{line: `[ a '<' b ] && [ b '>' a ] && [ a = a ] && [ a != b ] && ! [ b '<' a ]`},
		{line: `[ a == a ]`, ours: "an extension"},
		{line: `[ ' 1 ' -eq 01 ] && [ 08 -eq 8 ] && [ -1 -lt 1 ] && [ 2 -ge 2 ] && [ 2 -gt 1 ] && [ 1 -le 1 ] && [ 1 -ne 2 ]`},
		{line: `for x in '' a 1a 0x1 1.5 9223372036854775808; do [ "$x" -eq 0 ]; echo $?; done`, want: "2\n2\n2\n2\n2\n2\n"},

		// files
		{line: `[ -e fruit ] && [ -f fruit ] && [ -s fruit ] && [ -d dir ] && [ -r fruit ] && [ -w fruit ] && ! [ -x fruit ] && ! [ -s empty ]`},
		{line: `ln -s fruit link; [ -h link ] && [ -L link ] && [ -f link ] && ! [ -h fruit ] && [ link -ef fruit ] && ! [ fruit -ef dir ]`},
		{line: `chmod 7755 fruit; [ -u fruit ] && [ -g fruit ] && [ -k fruit ] && [ -O fruit ] && [ -G fruit ] && [ -x fruit ]`, ours: "-k is not dash's"},
		{line: `mkfifo p; [ -p p ] && [ -c /dev/null ] && ! [ -b /dev/null ] && ! [ -S p ] && ! [ -e '' ] && ! [ -f nowhere ]`},
		{line: `touch -d 2001-01-01T00:00:00 old; [ fruit -nt old ] && [ old -ot fruit ] && ! [ old -nt fruit ] && ! [ old -nt old ]`},
		{line: `[ fruit -nt nowhere ] && [ nowhere -ot fruit ] && ! [ nowhere -nt fruit ]`, ours: "POSIX.1-2024"},
		{line: `[ -t 0 ]; echo $?; [ -t 99 ]; echo $?; [ -t x ]; echo $?; [ -t ]; echo $?`, want: "1\n1\n2\n0\n"},

		// faults
		{line: `[ a; echo $?; [ a b ]; echo $?; [ a b c ]; echo $?; [ a = ]; echo $?; [ -q x ]; echo $?`, want: "2\n2\n2\n2\n2\n"},
		{line: `[ 1 -eq ]; echo $?; [ a = b c ]; echo $?; [ '(' a ]; echo $?; [ a -o ]; echo $?`, want: "2\n2\n2\n2\n", ours: "dash takes the last for true"},
	})
}
