/*
 * The address by which a worker hands a stream over: what is taken is whole, and says the same when
 * it is written again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/hub/wish.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(bool what)
{
	if (!what)
		abort();
}

static bool equal(const struct wish *a, const struct wish *b)
{
	return uuid_eq(a->account, b->account) && uuid_eq(a->user, b->user) &&
	       uuid_eq(a->sign_in, b->sign_in) && a->until == b->until && a->at == b->at &&
	       a->last == b->last && strcmp(a->topics, b->topics) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wish wish, again;
	char text[500];
	int n;

	if (!wish_parse((struct str){ (const char *)data, size }, &wish))
		return 0;
	same(wish.account.text[0] && wish.user.text[0] && wish.sign_in.text[0] && wish.topics[0]);
	same(wish.until >= 0 && wish.at >= 0 && wish.last >= -1);
	n = snprintf(text, sizeof(text),
		     "account=%s&user=%s&sign_in=%s&until=%lld&at=%lld&topics=%s&last=",
		     wish.account.text, wish.user.text, wish.sign_in.text, (long long)wish.until,
		     (long long)wish.at, wish.topics);
	if (wish.last >= 0)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%lld", (long long)wish.last);
	same(wish_parse((struct str){ text, (size_t)n }, &again) && equal(&wish, &again));
	return 0;
}
