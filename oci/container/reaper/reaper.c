// The first process of a container with --init: it starts the container's program, passes
// signals on to it, and reaps what other processes leave behind. It is this program under
// another name, and runs before Go's runtime starts, which it never needs.

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char name[] = "/run/podman-init"; // as podman has it

// What podman-run(1) says of commands that cannot be run.
#define NOT_EXECUTABLE 126
#define NOT_FOUND 127

static void run(char **command, const sigset_t *usual)
{
	sigprocmask(SIG_SETMASK, usual, NULL);
	// a process group of its own, so that ctrl-c comes once, from here
	setpgid(0, 0);
	signal(SIGTTOU, SIG_IGN);
	tcsetpgrp(STDIN_FILENO, getpid());
	signal(SIGTTOU, SIG_DFL);
	execvp(command[0], command);
	int failure = errno;
	dprintf(STDERR_FILENO, "%s: %s\n", command[0], strerror(failure));
	_exit(failure == ENOENT || failure == ENOTDIR ? NOT_FOUND : NOT_EXECUTABLE);
}

// reap waits for all that have ended, and ends with the program.
static void reap(pid_t program)
{
	int status;
	pid_t ended;

	while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
		if (ended == program)
			_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

// A constructor has its program's arguments with glibc and musl alike.
__attribute__((constructor)) static void reaper(int argc, char **argv)
{
	sigset_t all, usual;

	if (argc < 3 || strcmp(argv[0], name) != 0 || strcmp(argv[1], "--") != 0)
		return;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &usual);
	pid_t program = fork();
	if (program == 0)
		run(argv + 2, &usual);
	if (program < 0) {
		dprintf(STDERR_FILENO, "%s: fork: %s\n", name, strerror(errno));
		_exit(NOT_EXECUTABLE);
	}
	for (;;) {
		siginfo_t told;

		if (sigwaitinfo(&all, &told) < 0)
			continue;
		if (told.si_signo == SIGCHLD)
			reap(program);
		else if (told.si_signo != SIGTTIN && told.si_signo != SIGTTOU)
			kill(program, told.si_signo);
	}
}
