// The first act of PID 1, before Go's runtime starts: give the machine a root
// that pivot_root(2) accepts, and split into the supervisor, which stays PID 1,
// and the boot, its child. Both then start at the same time.

#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define RAMFS_MAGIC 0x858458f6
#define TMPFS_MAGIC 0x01021994

// bootrc_boot is, in PID 1, the process of the boot, or -1 where there is none;
// in the boot, 0; and NOT_INIT in every process that is neither.
#define NOT_INIT -2
int bootrc_boot = NOT_INIT;

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

__attribute__((constructor)) static void split(void)
{
	// a container's first process is PID 1 too, in its namespace
	if (getpid() != 1 || getenv("_LIBCONTAINER_INITPIPE") || !on_initramfs())
		return;
	mount_root_over_itself();
	mkdir("/proc", 0555);
	mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	bootrc_boot = fork();
	if (bootrc_boot == 0)
		setsid();
}
