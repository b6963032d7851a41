#ifndef KIT_NET_SMTP_H
#define KIT_NET_SMTP_H

#include <stdbool.h>
#include <stddef.h>

#include "kit/base/err.h"

struct arena;

/*
 * Sending by SMTP, several mails at once, over connections that are kept for the next ones.
 *
 * smtps://host[:465] is encrypted from the start.  smtp://host[:25] turns encryption on where the
 * server offers it; it must, where a password is to be sent to another machine.  Certificates are
 * checked.
 */
struct smtp_settings {
	struct str url, user, password; /* user and password may be empty */
	struct str ca;   /* PEM: whom to trust instead of the authorities that the system knows */
	int64_t seconds; /* for one mail, connecting included */
	int hurry_fd;    /* or -1: while it is readable, mails have five seconds more, no longer */
};

struct smtp;

/* Lives as long as the arena.  ERR_INVALID where the url is no such. */
const struct err *smtp_new(struct arena *a, const struct smtp_settings *settings,
			   struct smtp **ret) must_check;

#define SMTP_AT_ONCE 8 /* mails under way, for each needs a connection */

struct parcel {
	const void *of;      /* the caller's own */
	struct str from, to; /* addresses alone, sound by address_is_sound */
	struct str text;     /* by message_write */
};

enum smtp_outcome {
	SMTP_SENT,    /* the server has taken it */
	SMTP_LATER,   /* the server is away, or will not for the moment */
	SMTP_REFUSED, /* not this mail, not ever: 5xx */
};

struct smtp_result {
	enum smtp_outcome outcome;
	const char *what; /* "" or what did not work, fit for a log */
	struct str reply; /* the server's last line, which may quote an address */
};

/*
 * Sends what next gives, SMTP_AT_ONCE at once, each as soon as there is a place for it, so that one
 * which hangs holds up no other; next is told how many places are free, and gives false where there
 * is nothing.  done is called for each as soon as its outcome is known.  Ends when nothing is under
 * way and there is nothing more; in a hurry, it asks for no more.
 */
struct smtp_round {
	bool (*next)(void *ctx, size_t free, struct parcel *ret);
	void (*done)(void *ctx, const void *of, const struct smtp_result *result);
	void *ctx;
};

/* Whether the server is there, takes our greeting, encryption and password; sends nothing. */
const struct err *smtp_greet(struct smtp *s, struct arena *a) must_check;

void smtp_send(struct smtp *s, struct arena *a, const struct smtp_round *round);

#endif
