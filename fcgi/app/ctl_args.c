/* The arguments of a command, read by its own line of usage: "EMAIL [NAME] [--force] [--as ROLE]".
 */
#include <string.h>

#include "app/ctl.h"
#include "kit/base/arena.h"
#include "kit/base/buf.h"

#define STATES_MAX 1000

/* What the usage says of an option. */
enum option_kind { OPTION_NONE, OPTION_FLAG, OPTION_VALUE };

/* The next word of the usage; those in brackets keep them. */
static struct str next_word(struct str *usage)
{
	*usage = str_trim(*usage);
	return str_cut(usage, ' ');
}

static enum option_kind kind_of(struct str usage, struct str option)
{
	while (usage.n) {
		struct str word = next_word(&usage);

		if (!str_starts(word, STR("[--")))
			continue;
		if (str_ends(word, STR("]"))) {
			word = str_first(word, word.n - 1);
			if (str_eq(str_skip(word, 1), option))
				return OPTION_FLAG;
		} else if (str_eq(str_skip(word, 1), option)) {
			return OPTION_VALUE;
		}
	}
	return OPTION_NONE;
}

/* How many words it needs, and how many it takes at most. */
static void count_words(struct str usage, size_t *least, size_t *most)
{
	*least = *most = 0;
	while (usage.n) {
		struct str word = next_word(&usage);

		if (str_starts(word, STR("[--"))) {
			if (!str_ends(word, STR("]")))
				next_word(&usage); /* its value */
			continue;
		}
		++*most;
		*least += !str_starts(word, STR("["));
	}
}

/* Steps over the option's value, too, which may stand behind "=". */
static bool parse_option(struct call *call, char ***argv)
{
	struct str value = str_of(**argv), name = str_cut(&value, '=');
	enum option_kind kind = kind_of(str_of(call->command->usage), name);

	if (kind == OPTION_NONE || call->noptions == CALL_OPTIONS)
		return false;
	if (kind == OPTION_FLAG && value.p)
		return false;
	if (kind == OPTION_VALUE && !value.p) {
		++*argv;
		value = str_of(**argv);
		if (!value.p)
			return false;
	}
	call->options[call->noptions++] = (struct pair){ str_skip(name, 2), value };
	return true;
}

bool call_parse(struct call *call, char **argv)
{
	size_t least, most;

	count_words(str_of(call->command->usage), &least, &most);
	for (; *argv; argv++) {
		if (str_starts(str_of(*argv), STR("--"))) {
			if (!parse_option(call, &argv))
				return false;
		} else if (call->nwords == most || call->nwords == CALL_WORDS) {
			return false;
		} else {
			call->words[call->nwords++] = *argv;
		}
	}
	return call->nwords >= least;
}

/* Of one that was given twice, the last. */
static const struct pair *find(const struct call *call, const char *option)
{
	for (size_t at = call->noptions; at-- > 0;)
		if (str_eq(call->options[at].name, str_of(option)))
			return &call->options[at];
	return NULL;
}

bool call_has(const struct call *call, const char *option)
{
	return find(call, option);
}

struct str call_option(const struct call *call, const char *option)
{
	const struct pair *found = find(call, option);

	return found ? found->value : STR_NONE;
}

const struct err *call_id(const struct call *call, struct uuid *ret)
{
	*ret = UUID_NONE;
	if (strcmp(call->words[0], "all") != 0 && !uuid_parse(str_of(call->words[0]), ret))
		return ERR(call->arena, ERR_INVALID,
			   "%s is no id: give one that the list shows, or all", call->words[0]);
	return NULL;
}

const struct err *call_state(const struct call *call, const struct names *names, struct str *ret)
{
	struct buf known = buf_new(call->arena, STATES_MAX);
	int at;

	*ret = call_has(call, "state") ? call_option(call, "state") : STR("");
	if (!ret->n || names_find(names, *ret, &at))
		return NULL;
	for (size_t name = 0; name < names->n; name++)
		buf_printf(&known, "%s%s", name ? ", " : "", names->text[name]);
	return ERR(call->arena, ERR_INVALID, "there is no state %.*s; there are %.*s",
		   STR_ARG(*ret), STR_ARG(buf_str(&known)));
}

const struct err *call_account(const struct call *call, struct uuid *ret)
{
	struct str text = call_option(call, "account");

	*ret = UUID_NONE;
	if (text.p && !uuid_parse(text, ret))
		return ERR(call->arena, ERR_INVALID, "%.*s is no account's id", STR_ARG(text));
	return NULL;
}
