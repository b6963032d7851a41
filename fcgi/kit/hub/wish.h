#ifndef KIT_HUB_WISH_H
#define KIT_HUB_WISH_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/base/uuid.h"

/*
 * What a worker has allowed a client to hear, as it wrote it into the internal location:
 * account=UUID&user=UUID&sign_in=UUID&until=UNIX_SECONDS&at=SEQ&topics=a,b&last=SEQ.  `at` is the
 * account's number at the moment of the permission: what came later may end it again, however long
 * the wish was on its way.  `last` is what the client saw last; empty: from `at` on.
 */
#define WISH_TOPICS 100

struct wish {
	struct uuid account, user, sign_in;
	int64_t until, at, last; /* last: -1 for none */
	char topics[WISH_TOPICS + 1];
};

/* All seven, each once, and nothing else; false otherwise, for no part of it has a default. */
bool wish_parse(struct str query, struct wish *ret);
bool wish_has_topic(struct str topics, struct str topic);

#endif
