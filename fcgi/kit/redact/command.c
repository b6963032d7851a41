/* Passwords in command lines, where an option or a place tells what they are. */
#include <string.h>

#include "kit/redact/scan.h"

#define LINE_MAX  600
#define WORDS_MAX 12

enum { APART = 1, GLUED = 2, EITHER = 3 }; /* "-p x", "-px" */

static const struct command {
	const char *name;   /* a blank in it is any number of blanks */
	const char *option; /* "" where the password is an argument of its own */
	char after;         /* the value begins after this, as in user:password */
	int where;          /* behind the option */
	enum redact_kind kind;
} commands[] = {
	{ "sshpass", "-p", 0, EITHER, REDACT_PASSWORD },
	{ "psexec", "-p", 0, APART, REDACT_PASSWORD },
	{ "psexec64", "-p", 0, APART, REDACT_PASSWORD },
	{ "paexec", "-p", 0, APART, REDACT_PASSWORD },
	{ "mysql", "-p", 0, GLUED, REDACT_PASSWORD },
	{ "mysqldump", "-p", 0, GLUED, REDACT_PASSWORD },
	{ "docker login", "-p", 0, APART, REDACT_PASSWORD },
	{ "az login", "-p", 0, APART, REDACT_PASSWORD },
	{ "sqlcmd", "-p", 0, EITHER, REDACT_PASSWORD },
	{ "ldapsearch", "-w", 0, EITHER, REDACT_PASSWORD },
	{ "rdesktop", "-p", 0, EITHER, REDACT_PASSWORD },
	{ "xfreerdp", "/p:", 0, EITHER, REDACT_PASSWORD },
	{ "wfreerdp", "/p:", 0, EITHER, REDACT_PASSWORD },
	{ "schtasks", "/rp", 0, APART, REDACT_PASSWORD },
	{ "curl", "-u", ':', APART, REDACT_PASSWORD },
	{ "curl", "--user", ':', APART, REDACT_PASSWORD },
	{ "smbclient", "-u", '%', APART, REDACT_PASSWORD },
	{ "rpcclient", "-u", '%', APART, REDACT_PASSWORD },
	{ "snmpwalk", "-c", 0, EITHER, REDACT_SNMP },
	{ "snmpget", "-c", 0, EITHER, REDACT_SNMP },
	{ "snmpset", "-c", 0, EITHER, REDACT_SNMP },
	{ "snmpbulkwalk", "-c", 0, EITHER, REDACT_SNMP },
	{ "net use", "", 0, APART, REDACT_UNC },
	{ "net user", "", 0, APART, REDACT_PASSWORD },
};

const char *command_word(size_t at)
{
	return at < sizeof(commands) / sizeof(commands[0]) ? commands[at].name : NULL;
}

struct word {
	size_t from, to;
};

/* The next word of a command line, without its quotes; false at its end. */
static bool next_word(const struct scan *s, size_t *at, size_t end, struct word *ret)
{
	size_t from = *at, to;
	char quote;

	while (from < end && is_blank(s->p[from]))
		from++;
	quote = from < end && is_one_of(s->p[from], "\"'") ? s->p[from] : '\0';
	from += quote != '\0';
	for (to = from; to < end && (quote ? s->p[to] != quote : !is_blank(s->p[to]));)
		to++;
	*ret = (struct word){ from, to };
	*at = to + (quote && to < end);
	return from < end;
}

static size_t take(struct scan *s, const struct command *c, struct word w)
{
	if (c->after) {
		const char *sign = memchr(s->p + w.from, c->after, w.to - w.from);

		if (!sign)
			return 0;
		w.from = (size_t)(sign - s->p) + 1;
	}
	if (w.to <= w.from || value_is_stand_in(scan_text(s, w.from, w.to)))
		return 0;
	return scan_found(s, w.from, w.to, c->kind);
}

static size_t by_option(struct scan *s, const struct command *c, size_t at, size_t end)
{
	size_t n = strlen(c->option);
	struct word w;

	while (next_word(s, &at, end, &w)) {
		if (!scan_word(s, w.from, c->option))
			continue;
		if (w.to - w.from == n && c->where & APART)
			return next_word(s, &at, end, &w) ? take(s, c, w) : 0;
		if (w.to - w.from > n && c->where & GLUED)
			return take(s, c, (struct word){ w.from + n, w.to });
	}
	return 0;
}

/* net use [X:] \\server\share [password] [/user:name [password]] ...; net user name password. */
static size_t by_place(struct scan *s, const struct command *c, size_t at, size_t end)
{
	bool share = false, named = c->kind != REDACT_PASSWORD;
	size_t past = 0;
	struct word w;

	for (int most = WORDS_MAX; most && next_word(s, &at, end, &w); most--) {
		struct str v = scan_text(s, w.from, w.to);

		share |= str_starts(v, STR("\\\\"));
		if (!v.n || is_one_of(v.p[0], "/\\*-") || (v.n == 2 && v.p[1] == ':'))
			continue;
		if (!named)
			named = true;
		else if (value_is_secret(v) || (share && !past && !value_is_prose(v)))
			past = take(s, c, w);
	}
	return past;
}

static size_t name_end(const struct scan *s, size_t at, const char *name)
{
	for (; *name; name++) {
		if (*name == ' ' && is_blank(scan_at(s, at)))
			at = scan_blanks(s, at);
		else if (to_lower(scan_at(s, at)) == *name)
			at++;
		else
			return 0;
	}
	return at;
}

size_t command_detect(struct scan *s, size_t at)
{
	char first = to_lower(s->p[at]);
	size_t past = 0;

	for (size_t row = 0; !past && row < sizeof(commands) / sizeof(commands[0]); row++) {
		const struct command *c = &commands[row];
		size_t from, end;

		if (c->name[0] != first || !(from = name_end(s, at, c->name)))
			continue;
		from += scan_word(s, from, ".exe") ? 4 : 0;
		if (!is_blank(scan_at(s, from)))
			continue;
		for (end = from; end < s->n && s->p[end] != '\n' && end - from < LINE_MAX;)
			end++;
		past = c->option[0] ? by_option(s, c, from, end) : by_place(s, c, from, end);
	}
	return past;
}
