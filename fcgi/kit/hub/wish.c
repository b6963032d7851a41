/* The parameters of a stream; see wish.h. */
#include "kit/hub/wish.h"

#include <string.h>

static bool set_number(struct str value, int64_t *ret)
{
	return str_to_int(value, ret) && *ret >= 0;
}

static bool set_last(struct str value, int64_t *ret)
{
	*ret = -1;
	return value.n == 0 || set_number(value, ret);
}

static bool is_topic_list(struct str s)
{
	for (size_t at = 0; at < s.n; at++) {
		char c = s.p[at];

		if (!(c >= 'a' && c <= 'z') && c != '_' && c != ',')
			return false;
	}
	return s.n > 0 && s.n <= WISH_TOPICS;
}

static bool set_topics(struct str value, char *ret)
{
	if (!is_topic_list(value))
		return false;
	memcpy(ret, value.p, value.n);
	ret[value.n] = '\0';
	return true;
}

enum part { ACCOUNT, USER, SIGN_IN, UNTIL, AT, TOPICS, LAST, PART__MAX };

static const char *const part_names[PART__MAX] = {
	[ACCOUNT] = "account", [USER] = "user",     [SIGN_IN] = "sign_in", [UNTIL] = "until",
	[AT] = "at",           [TOPICS] = "topics", [LAST] = "last",
};

static bool set_part(struct wish *w, enum part part, struct str value)
{
	switch (part) {
	case ACCOUNT:
		return uuid_parse(value, &w->account);
	case USER:
		return uuid_parse(value, &w->user);
	case SIGN_IN:
		return uuid_parse(value, &w->sign_in);
	case UNTIL:
		return set_number(value, &w->until);
	case AT:
		return set_number(value, &w->at);
	case TOPICS:
		return set_topics(value, w->topics);
	case LAST:
		return set_last(value, &w->last);
	case PART__MAX:
		break;
	}
	return false;
}

static enum part find_part(struct str name)
{
	enum part at = 0;

	while (at < PART__MAX && !str_eq(name, str_of(part_names[at])))
		at++;
	return at;
}

bool wish_parse(struct str query, struct wish *ret)
{
	struct wish w = { 0 };
	unsigned seen = 0;

	while (query.p) {
		struct str value = str_cut(&query, '&');
		enum part part = find_part(str_cut(&value, '='));

		if (part == PART__MAX || seen & 1u << part || !value.p ||
		    !set_part(&w, part, value))
			return false;
		seen |= 1u << part;
	}
	if (seen != (1u << PART__MAX) - 1)
		return false;
	*ret = w;
	return true;
}

bool wish_has_topic(struct str topics, struct str topic)
{
	while (topics.p) {
		if (str_eq(str_cut(&topics, ','), topic))
			return true;
	}
	return false;
}
