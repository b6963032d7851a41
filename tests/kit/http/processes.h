#ifndef TESTS_KIT_HTTP_PROCESSES_H
#define TESTS_KIT_HTTP_PROCESSES_H

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "kit/base/clock.h"
#include "support/patience.h"

/* Who is whose child, as the kernel tells it. */
#define PIDS_MAX 16

struct pids {
	int n;
	pid_t pid[PIDS_MAX];
};

/* The state letter and the parent of a process; false where there is none. */
static inline bool look_at(const char *pid, char *state, pid_t *parent)
{
	char text[512];
	FILE *f;
	size_t n;

	snprintf(text, sizeof(text), "/proc/%s/stat", pid);
	f = fopen(text, "re");
	if (!f)
		return false;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	return strrchr(text, ')') && sscanf(strrchr(text, ')'), ") %c %d", state, parent) == 2;
}

static inline struct pids children_of(pid_t parent)
{
	struct pids all = { 0 };
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while ((entry = readdir(proc))) {
		pid_t above;
		char state;

		if (isdigit((unsigned char)entry->d_name[0]) &&
		    look_at(entry->d_name, &state, &above) && above == parent && state != 'Z' &&
		    all.n < PIDS_MAX)
			all.pid[all.n++] = (pid_t)strtol(entry->d_name, NULL, 10);
	}
	closedir(proc);
	return all;
}

static inline bool holds(const struct pids *all, pid_t pid)
{
	for (int at = 0; at < all->n; at++)
		if (all->pid[at] == pid)
			return true;
	return false;
}

/* Waits for the parent to have n children, none of them of `gone`. */
static inline bool until_children(pid_t parent, int n, const struct pids *gone, int wait_ms)
{
	int64_t end = clock_mono() + patient(wait_ms) * 1000;
	bool well;

	do {
		struct pids now = children_of(parent);

		well = now.n == n;
		for (int at = 0; gone && at < gone->n; at++)
			well = well && !holds(&now, gone->pid[at]);
		if (!well)
			usleep(3000);
	} while (!well && clock_mono() < end);
	return well;
}

#endif
