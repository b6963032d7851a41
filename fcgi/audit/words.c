/* Entries of the log in words; see words.h. */
#include "audit/words.h"

#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/base/json.h"

#define TEXT_MAX ((size_t)1 << 20)

struct str audit_words(struct arena *a, struct str name)
{
	static const char *const hyphens[][2] = { { "sign_in", "Sign-in" },
						  { "handoff", "Hand-off" } };
	struct buf out = buf_new(a, TEXT_MAX);

	for (size_t at = 0; at < sizeof(hyphens) / sizeof(hyphens[0]); at++)
		if (str_starts(name, str_of(hyphens[at][0]))) {
			buf_put(&out, str_of(hyphens[at][1]));
			name = str_skip(name, str_of(hyphens[at][0]).n);
		}
	for (size_t at = 0; at < name.n; at++) {
		char c = name.p[at];

		if (out.n == 0 && c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		buf_putc(&out, c == '.' || c == '_' ? ' ' : c);
	}
	return buf_str(&out);
}

struct str audit_actor(struct arena *a, const struct audit_line *line)
{
	if (line->actor_name.n)
		return line->actor_name;
	if (line->platform_name.n)
		return str_fmt(a, "Platform admin (%.*s)", STR_ARG(line->platform_name));
	if (!uuid_is_none(line->actor))
		return STR("Somebody of another account");
	return line->address.n ? STR("Nobody signed in") : STR("ResolutionFlow itself");
}

/* ---- what it is about ---- */

static const struct json *facts_of(struct arena *a, struct str text)
{
	const struct json *facts = NULL;

	if (text.n && json_parse(a, text, &json_default_limits, &facts))
		return NULL;
	return facts;
}

static struct str name_in(struct arena *a, struct str facts)
{
	const struct json *object = facts_of(a, facts);

	return object && json_type(object) == JSON_OBJECT ? json_str(json_get(object, STR("name")))
							  : STR_NONE;
}

struct str audit_object(struct arena *a, const struct audit_line *line)
{
	struct str kind = audit_words(a, line->object), name = line->object_name;

	if (!name.n)
		name = name_in(a, line->after);
	if (!name.n)
		name = name_in(a, line->before);
	return name.n ? str_fmt(a, "%.*s %.*s", STR_ARG(kind), STR_ARG(name)) : kind;
}

struct str audit_link(struct arena *a, const struct audit_line *line, enum role reader)
{
	static const struct {
		const char *object, *path;
		bool one; /* each has a page */
		enum permission need;
	} places[] = {
		{ "person", "/users/", true, PERM_PEOPLE },
		{ "flow", "/flows/", true, PERM_CURATE }, /* others may open some only */
		{ "session", "/sessions/", true, PERM_CURATE },
		{ "handoff", "/escalations/", true, PERM_QUEUE },
		{ "webhook", "/webhooks", false, PERM_PEOPLE }, /* it may be gone */
		{ "team", "/teams", false, PERM_PEOPLE },
		{ "invite", "/invites", false, PERM_PEOPLE },
		{ "category", "/flows/categories", false, PERM_READ },
		{ "redaction_pattern", "/redaction", false, PERM_PEOPLE },
		{ "mail", "/outbox", false, PERM_PEOPLE },
		{ "key", "/keys", false, PERM_PEOPLE },
		{ "account", "/account", false, PERM_ADMIN },
	};

	for (size_t at = 0; at < sizeof(places) / sizeof(places[0]); at++) {
		if (!str_eq(line->object, str_of(places[at].object)) ||
		    !role_may(reader, places[at].need))
			continue;
		if (!places[at].one)
			return str_of(places[at].path);
		if (!uuid_is_none(line->object_id))
			return str_fmt(a, "%s%s", places[at].path, line->object_id.text);
	}
	return STR_NONE;
}

/* ---- what changed ---- */

struct changes {
	struct arena *a;
	const struct json *before, *after;
	struct audit_change *items;
	size_t n;
};

/* "viewer"; a moment as people write it. */
static struct str string_text(struct arena *a, struct str s)
{
	struct instant at;

	if (!s.n)
		return STR("nothing");
	return clock_parse(s, &at) ? clock_words(a, at) : s;
}

static struct str value_text(struct arena *a, const struct json *value)
{
	switch (json_type(value)) {
	case JSON_NULL:
		return STR("none");
	case JSON_BOOL:
		return json_bool(value) ? STR("yes") : STR("no");
	case JSON_STRING:
		return string_text(a, json_str(value));
	case JSON_INT:
	case JSON_DOUBLE:
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	return json_text(a, value);
}

/* One beside the other; what is nested deeper, as it is. */
static struct str list_text(struct arena *a, const struct json *list)
{
	struct buf out = buf_new(a, TEXT_MAX);

	for (size_t at = 0; at < json_length(list); at++)
		buf_printf(&out, "%s%.*s", at ? ", " : "",
			   STR_ARG(value_text(a, json_item(list, at))));
	return buf_str(&out).n ? buf_str(&out) : STR("nothing");
}

static struct str value_in(struct arena *a, const struct json *facts, struct str key)
{
	const struct json *value = facts ? json_get(facts, key) : NULL;

	if (!facts || !json_has(facts, key))
		return STR_NONE;
	return json_type(value) == JSON_ARRAY ? list_text(a, value) : value_text(a, value);
}

static void add_change(struct changes *c, struct str key)
{
	struct audit_change change = { audit_words(c->a, key), value_in(c->a, c->before, key),
				       value_in(c->a, c->after, key) };

	/* A name that it got or lost is that of the object. */
	if (str_eq(key, STR("name")) && (!change.was.p || !change.now.p))
		return;
	if (!str_eq(change.was, change.now))
		c->items[c->n++] = change;
}

static const struct err *add_old(void *ctx, struct str key, const struct json *value)
{
	(void)value;
	add_change(ctx, key);
	return NULL;
}

static const struct err *add_new(void *ctx, struct str key, const struct json *value)
{
	struct changes *c = ctx;

	(void)value;
	if (!c->before || !json_has(c->before, key))
		add_change(c, key);
	return NULL;
}

static const struct json *object_of(struct arena *a, struct str text)
{
	const struct json *facts = facts_of(a, text);

	return facts && json_type(facts) == JSON_OBJECT ? facts : NULL;
}

struct list audit_changes(struct arena *a, const struct audit_line *line)
{
	struct changes c = { .a = a,
			     .before = object_of(a, line->before),
			     .after = object_of(a, line->after) };
	size_t most = (c.before ? json_length(c.before) : 0) + (c.after ? json_length(c.after) : 0);

	c.items = ARENA_ARRAY(a, struct audit_change, most + 1);
	if (c.before && json_each(c.before, add_old, &c))
		return LIST_OF(c.items, 0);
	if (c.after && json_each(c.after, add_new, &c))
		return LIST_OF(c.items, 0);
	/* What is no object is told as it is. */
	if (!most && (line->before.n || line->after.n))
		c.items[c.n++] = (struct audit_change){ STR("Content"), line->before, line->after };
	return LIST_OF(c.items, c.n);
}

struct str audit_changes_text(struct arena *a, struct list changes)
{
	const struct audit_change *c = changes.items;
	struct buf out = buf_new(a, TEXT_MAX);

	for (size_t at = 0; at < changes.n; at++) {
		buf_printf(&out, "%s%.*s: ", at ? "; " : "", STR_ARG(c[at].name));
		if (c[at].was.p)
			buf_put(&out, c[at].was);
		if (c[at].was.p && c[at].now.p)
			buf_put(&out, STR(" -> "));
		if (c[at].now.p)
			buf_put(&out, c[at].now);
		else
			buf_put(&out, STR(" (gone)"));
	}
	return buf_str(&out);
}
