/* Ids; see uuid.h.  New ones are made by kit/crypto, which owns chance. */
#include "kit/base/uuid.h"

#include <string.h>

bool uuid_parse(struct str text, struct uuid *ret)
{
	struct uuid id = UUID_NONE;

	if (text.n != 36)
		return false;
	for (size_t at = 0; at < 36; at++) {
		bool dash = at == 8 || at == 13 || at == 18 || at == 23;
		char c = text.p[at];

		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
		id.text[at] = c;
	}
	*ret = id;
	return true;
}

bool uuid_is_none(struct uuid id)
{
	return id.text[0] == '\0';
}

bool uuid_eq(struct uuid a, struct uuid b)
{
	return strcmp(a.text, b.text) == 0;
}

struct str uuid_str(const struct uuid *id)
{
	return id->text[0] ? str_of(id->text) : STR_NONE;
}
