// The first act of PID 1, before Go's runtime starts: give the machine a root
// that pivot_root(2) accepts, and split into the supervisor, which stays PID 1,
// and the boot, its child. The boot starts Go at once; the supervisor sleeps
// here until there is something for it to do.

#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "watchdog.h"

#define RAMFS_MAGIC 0x858458f6
#define TMPFS_MAGIC 0x01021994

// bootrc_boot is, in PID 1, the process of the boot, or -1 where there is none;
// in the boot, 0; and NOT_INIT in every process that is neither.
#define NOT_INIT -2
int bootrc_boot = NOT_INIT;

// bootrc_told is, in PID 1, the signal that ended its sleep.
int bootrc_told;

// on_initramfs keeps a container that runs this program as its own PID 1 from
// taking itself for a machine.
static int on_initramfs(void)
{
	struct statfs st;

	return statfs("/", &st) == 0 &&
	       ((unsigned)st.f_type == RAMFS_MAGIC || st.f_type == TMPFS_MAGIC);
}

// mount_root_over_itself makes / a mount of its own: the kernel's root file
// system is none that pivot_root accepts, and containers that must do without it
// can escape. Nothing is copied. What fails here shows itself when the first
// container starts.
static void mount_root_over_itself(void)
{
	static const char place[] = "/.root";

	if (mkdir(place, 0700) != 0)
		return;
	if (mount("/", place, NULL, MS_BIND, NULL) == 0 && chdir(place) == 0 &&
	    mount(".", "/", NULL, MS_MOVE, NULL) == 0 && chroot(".") == 0)
		rmdir(place);
}

// die_last has the kernel end containers, which have a score of 0, before the boot and what it
// starts, when memory is short. PID 1 it never ends.
static void die_last(void)
{
	static const char score[] = "-900";
	int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (file < 0)
		return;
	if (write(file, score, sizeof score - 1) < 0) {
		// a kernel that does not have it: nothing is lost
	}
	close(file);
}

// signals_for_init are those that PID 1 has something to do for. To sigwait(3) for
// them they must be blocked, even before there is a child.
static void signals_for_init(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGPWR);
}

// sleep_until_told returns the signal that PID 1 has something to do for. With a
// watchdog to feed, it wakes each second.
static int sleep_until_told(const sigset_t *set)
{
	static const struct timespec second = {1, 0};
	int told;

	if (!bootrc_watched) {
		sigwait(set, &told);
		return told;
	}
	while ((told = sigtimedwait(set, NULL, &second)) < 0)
		watchdog_feed(0);
	return told;
}

__attribute__((constructor)) static void split(void)
{
	sigset_t watched, before;

	// a container's first process is PID 1 too, in its namespace
	if (getpid() != 1 || getenv("_LIBCONTAINER_INITPIPE") || !on_initramfs())
		return;
	mount_root_over_itself();
	mkdir("/proc", 0555);
	mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	die_last();
	// ctrl-alt-del sends SIGINT to PID 1 instead of resetting the machine
	reboot(RB_DISABLE_CAD);
	watchdog_configure();
	signals_for_init(&watched);
	sigprocmask(SIG_BLOCK, &watched, &before);
	bootrc_boot = fork();
	if (bootrc_boot == 0)
		setsid();
	if (bootrc_boot > 0)
		bootrc_told = sleep_until_told(&watched);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
