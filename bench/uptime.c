/*
 * The container of the benchmark: its first act is to read /proc/uptime, its
 * second to print what it read, as "first instruction at SECONDS", its last to
 * do so with what memory is available then. It has no C library, so that nothing
 * runs before it.
 */
#include <asm/unistd.h>
#include <fcntl.h>

static long call(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return result;
}

static long read_file(const char *path, char *text, long size)
{
	long fd = call(__NR_open, (long)path, O_RDONLY, 0);

	return call(__NR_read, fd, (long)text, size);
}

/* write_line prints a text's part up to a character, with a title and a line's end */
static void write_line(const char *title, long size, char *text, long length, char end)
{
	long line = 0;

	while (line < length - 1 && text[line] != end)
		line++;
	text[line] = '\n';
	call(__NR_write, 1, (long)title, size);
	call(__NR_write, 1, (long)text, line + 1);
}

void _start(void)
{
	static const char title[] = "first instruction at ", label[] = "MemAvailable:";
	static char uptime[64], memory[512];
	long n = read_file("/proc/uptime", uptime, sizeof uptime);
	long at = 0, same = 0;

	/* the first of the two numbers: seconds since the kernel's start */
	if (n > 0)
		write_line(title, sizeof title - 1, uptime, n, ' ');
	n = read_file("/proc/meminfo", memory, sizeof memory);
	for (; at < n && label[same]; at++)
		same = memory[at] == label[same] ? same + 1 : 0;
	if (at < n)
		write_line(label, sizeof label - 1, memory + at, n - at, '\n');
	call(__NR_exit, n > 0 ? 0 : 1, 0, 0);
}
