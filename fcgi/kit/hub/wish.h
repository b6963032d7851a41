#ifndef KIT_HUB_WISH_H
#define KIT_HUB_WISH_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/base/uuid.h"

/*
 * What a worker has allowed a client to hear, as it wrote it into the internal location:
 * account=UUID&user=UUID&sign_in=UUID&until=UNIX_SECONDS&topics=a,b&last=SEQ, an empty `last`
 * meaning from now on.
 */
#define WISH_TOPICS 100

struct wish {
	struct uuid account, user, sign_in;
	int64_t until, last; /* last: -1 for none */
	char topics[WISH_TOPICS + 1];
};

/* All six, each once, and nothing else; false otherwise, for no part of it has a default. */
bool wish_parse(struct str query, struct wish *ret);
bool wish_has_topic(struct str topics, struct str topic);

#endif
