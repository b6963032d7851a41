#ifndef KIT_NET_MESSAGE_H
#define KIT_NET_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "kit/base/clock.h"
#include "kit/base/err.h"

struct arena;

/* A mail as its text on the wire (RFC 5322, 2045, 2047): no I/O here. */
struct message {
	struct str from; /* "ResolutionFlow <noreply@example.com>", or the address alone */
	struct str to;   /* an address */
	struct str subject;
	struct str message_id; /* without its angle brackets */
	struct instant date;
	struct str text, html; /* html may be none */
	const struct message_header {
		struct str name, value;
	} * more; /* further headers, such as Reply-To */
	size_t nmore;
};

/*
 * One address, in RFC 5321's everyday form: no quotes, no comments, no white space and no control
 * byte, nothing that could end a command of SMTP or a header line, or begin another.
 */
bool address_is_sound(struct str address);
/* The address inside "Name <address>"; the whole where there are no brackets. */
struct str address_of(struct str mailbox);

/*
 * Lines end in CR LF and have at most 78 characters; bodies are quoted-printable, and both are
 * there as multipart/alternative where there is HTML.  ERR_INVALID where an address is not sound
 * or a header holds a control byte.
 */
const struct err *message_write(struct arena *a, const struct message *m,
				struct str *ret) must_check;
/* What message_write wrote, except html and further headers; false where the text is no such. */
bool message_read(struct arena *a, struct str raw, struct message *ret);

#endif
