// Starting programs that ignore signals. Go's own fork gives each signal that the runtime
// handles its default, and leaves no moment before the program begins to change that.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawn.h"

#define LAST_SIGNAL 31

unsigned int bootrc_ignored;

// note_ignored runs before Go's runtime does, whose handlers hide what was ignored.
__attribute__((constructor)) static void note_ignored(void)
{
	struct sigaction action;

	for (int s = 1; s <= LAST_SIGNAL; s++)
		if (sigaction(s, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			bootrc_ignored |= 1u << s;
}

static void set_signals(unsigned int ignored)
{
	struct sigaction action = { 0 };

	for (int s = 1; s <= LAST_SIGNAL; s++) {
		action.sa_handler = ignored >> s & 1 ? SIG_IGN : SIG_DFL;
		sigaction(s, &action, NULL);
	}
}

// set_files makes the descriptors 0, 1, 2 … copies of these; -1 is a closed one.
static int set_files(int *files, int n)
{
	for (int i = 0; i < n; i++)
		if (files[i] >= 0 && files[i] < i &&
		    (files[i] = fcntl(files[i], F_DUPFD_CLOEXEC, n)) < 0)
			return -1;
	for (int i = 0; i < n; i++) {
		if (files[i] < 0)
			close(i);
		else if (files[i] == i ? fcntl(i, F_SETFD, 0) < 0 : dup2(files[i], i) < 0)
			return -1;
	}
	return 0;
}

static int set_group(const struct bootrc_program *p)
{
	if (p->group < 0)
		return 0;
	if (setpgid(0, p->group) < 0)
		return -1;
	if (p->terminal >= 0) {
		pid_t own = getpgrp();
		return ioctl(p->terminal, TIOCSPGRP, &own);
	}
	return 0;
}

int bootrc_spawn(struct bootrc_program *p, char **argv, char **envp)
{
	// the child shares this memory until it runs the program
	volatile int failure = 0;
	sigset_t all, before, none;
	pid_t pid;

	sigfillset(&all);
	sigemptyset(&none);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	pid = vfork();
	if (pid == 0) {
		if (set_group(p) == 0 && chdir(p->folder) == 0 && set_files(p->files, p->count) == 0) {
			set_signals(p->ignored);
			sigprocmask(SIG_SETMASK, &none, NULL);
			execve(p->path, argv, envp);
		}
		failure = errno;
		_exit(127);
	}
	if (pid < 0)
		failure = errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (pid > 0 && failure) {
		siginfo_t info;
		waitid(P_PID, pid, &info, WEXITED);
	}
	return failure ? -failure : pid;
}
