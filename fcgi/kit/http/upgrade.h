#ifndef KIT_HTTP_UPGRADE_H
#define KIT_HTTP_UPGRADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;
struct buf;

/*
 * The program as it now stands on the disk takes this one's place: another process first runs
 * `trial` of it, and only where that exits with 0 does this process exec `command`.  So its id, its
 * children and its sockets stay what they are, whoever watches over it notices nothing, and a
 * program that is broken is never begun.
 */
struct upgrade {
	char *const *trial, *const *command; /* argument lists; NULL: it is not offered */
	pid_t trying;                        /* or 0 */
	int64_t since_us;
};

void upgrade_try(struct upgrade *u);
/* True once, when the trial has passed; one that has failed is named in the log. */
bool upgrade_passed(struct upgrade *u);
void upgrade_give_up(struct upgrade *u);
/* Leaves `children`, words of upgrade_name, to the program that comes.  Returns where it can't be
 * executed, and says so in the log. */
void upgrade_become(struct upgrade *u, const char *children);

/* One more word of `children`. */
void upgrade_name(struct buf *children, const char *pool, pid_t pid);
/* The children of that pool that the program before this one left and that live. */
size_t upgrade_left(struct arena *a, const char *pool, pid_t **ret);

#endif
