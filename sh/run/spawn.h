struct bootrc_program {
	char *path, *folder;
	int *files, count;
	unsigned int ignored;	/* bits by the signals' numbers */
	int group;		/* process group: 0 for its own, -1 for the shell's */
	int terminal;		/* to give to the group, or -1 */
};

/* bootrc_spawn returns the process's number, or an error's with a minus. */
int bootrc_spawn(struct bootrc_program *p, char **argv, char **envp);

/* bootrc_ignored is what was ignored when this process began. */
extern unsigned int bootrc_ignored;
