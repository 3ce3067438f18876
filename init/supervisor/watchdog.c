// A hardware watchdog resets the machine when nobody feeds it (the kernel's
// watchdog-api.rst). PID 1 opens it as soon as its device is there, and feeds it
// while the boot shows that it runs. It is C, because PID 1 sleeps before Go starts.

#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/watchdog.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "watchdog.h"

#define ARGUMENT "b2c.watchdog="
#define MOST_DEVICES 16

int bootrc_watched;

// Within half of the seconds that the machine may be stuck, a heartbeat has to
// come; after the other half without food the device resets the machine. Where the
// firmware has started the device, its own limit is left as it is.
static int half_seconds = 30;
static int keep_firmware_limit;

// shared is what the boot and PID 1 tell each other.
static struct shared {
	unsigned beats;	     // of the boot
	int asked_to_stop;   // by the boot
	int stopped;	     // by PID 1: 1, or -1 where the device cannot be stopped
} *shared;

static unsigned seen_beats;
static time_t seen_at;
static int device = -1;

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

// read_text reads the beginning of a file; it returns 0 where there is none.
static int read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return 0;
	n = read(fd, text, size - 1);
	close(fd);
	if (n < 0)
		return 0;
	text[n] = 0;
	return 1;
}

// configured finds the argument's last value, or returns NULL. A name begins a
// word, or follows a quote that does.
static const char *configured(const char *line)
{
	const char *value = NULL;

	for (const char *at = line; (at = strstr(at, ARGUMENT)) != NULL; at++)
		if (at == line || strchr(" \t\n\"", at[-1]))
			value = at + strlen(ARGUMENT) + (at[strlen(ARGUMENT)] == '"');
	return value;
}

void watchdog_configure(void)
{
	static char line[16384];
	const char *value;
	int seconds;

	if (!read_text("/proc/cmdline", line, sizeof line) || !(value = configured(line)))
		return;
	keep_firmware_limit = strncmp(value, "firmware", strlen("firmware")) == 0;
	seconds = atoi(value);
	if (!keep_firmware_limit && seconds <= 0)
		return; // the boot says that the value is wrong
	if (!keep_firmware_limit)
		half_seconds = (seconds < WATCHDOG_LEAST_SECONDS ? WATCHDOG_LEAST_SECONDS : seconds) / 2;
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bootrc_watched = shared != MAP_FAILED;
	seen_at = now();
}

void watchdog_beat(void)
{
	__atomic_fetch_add(&shared->beats, 1, __ATOMIC_RELAXED);
}

void watchdog_ask_to_stop(void)
{
	__atomic_store_n(&shared->asked_to_stop, 1, __ATOMIC_RELAXED);
}

int watchdog_stopped(void)
{
	return __atomic_load_n(&shared->stopped, __ATOMIC_RELAXED);
}

static int attribute_is(int number, const char *attribute, const char *wanted)
{
	char path[64], text[64];

	snprintf(path, sizeof path, "/sys/class/watchdog/watchdog%d/%s", number, attribute);
	return read_text(path, text, sizeof text) && strncmp(text, wanted, strlen(wanted)) == 0;
}

// rank is how good a device is, or -1 where there is none that may be taken: one
// that runs already, then hardware, then the kernel's own timer.
static int rank(int number)
{
	char path[32];

	snprintf(path, sizeof path, "/dev/watchdog%d", number);
	if (access(path, W_OK) != 0)
		return -1;
	if (attribute_is(number, "state", "active"))
		return 2;
	if (keep_firmware_limit)
		return -1;
	return !attribute_is(number, "identity", "Software Watchdog");
}

static int open_best(void)
{
	char path[32];
	int best = -1, best_rank = -1;

	for (int number = 0; number < MOST_DEVICES; number++)
		if (rank(number) > best_rank)
			best_rank = rank(best = number);
	if (best < 0)
		return -1;
	snprintf(path, sizeof path, "/dev/watchdog%d", best);
	return open(path, O_WRONLY | O_CLOEXEC);
}

// start opens the best device that there is and gives it its limit; one that cannot
// have that limit keeps its own.
static void start(void)
{
	int limit = half_seconds;

	if ((device = open_best()) < 0 || keep_firmware_limit)
		return;
	ioctl(device, WDIOC_SETTIMEOUT, &limit);
}

// stop is what the boot asks for last. A device that cannot be stopped goes on being
// fed: without food it would reset a machine that is to be off.
static void stop(void)
{
	int option = WDIOS_DISABLECARD;
	int stopped = device < 0 || ioctl(device, WDIOC_SETOPTIONS, &option) == 0;

	__atomic_store_n(&shared->stopped, stopped ? 1 : -1, __ATOMIC_RELAXED);
}

// boot_is_fresh tells whether a heartbeat came within the time that it has.
static int boot_is_fresh(void)
{
	unsigned beats = __atomic_load_n(&shared->beats, __ATOMIC_RELAXED);

	if (beats != seen_beats) {
		seen_beats = beats;
		seen_at = now();
	}
	return now() - seen_at <= half_seconds;
}

// A device that appears later and is better is not taken: the first is being fed,
// and can often not be stopped.
void watchdog_feed(int alone)
{
	if (!bootrc_watched || watchdog_stopped() > 0)
		return;
	if (__atomic_load_n(&shared->asked_to_stop, __ATOMIC_RELAXED) && !watchdog_stopped())
		stop();
	else if (device < 0)
		start();
	if (device >= 0 && (boot_is_fresh() || alone))
		ioctl(device, WDIOC_KEEPALIVE, 0);
}
