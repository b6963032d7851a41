/* What can stand in one line of an outline; see docs/outline.md. */
#include "flows/outline_parts.h"

#include <string.h>

#include "kit/base/arena.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The length of one of these at the beginning, with a blank or the end behind it. */
static size_t any_of(struct str line, const char *const *marks)
{
	for (; *marks; marks++) {
		struct str mark = str_of(*marks);

		if (str_starts(line, mark) &&
		    (line.n == mark.n || line.p[mark.n] == ' ' || line.p[mark.n] == '\t'))
			return mark.n;
	}
	return 0;
}

static size_t number_width(struct str line)
{
	size_t n = 0;

	while (n < line.n && n < 9 && is_digit(line.p[n]))
		n++;
	if (n == 0 || n == line.n || (line.p[n] != '.' && line.p[n] != ')'))
		return 0;
	n++;
	return n == line.n || line.p[n] == ' ' || line.p[n] == '\t' ? n : 0;
}

static size_t skip_blanks(struct str line, size_t at)
{
	while (at < line.n && (line.p[at] == ' ' || line.p[at] == '\t'))
		at++;
	return at;
}

struct outline_mark outline_mark(struct str line)
{
	static const char *const bullets[] = { "-", "*", "+", "•", "◦", "▪", "–", NULL };
	static const char *const boxes[] = { "[ ]", "[x]", "[X]", "[]", "☐", "☑", "☒", NULL };
	size_t bullet = any_of(line, bullets), number = bullet ? 0 : number_width(line), box;
	size_t at = skip_blanks(line, bullet + number);

	if (bullet + number == 0)
		at = 0;
	box = any_of(str_skip(line, at), boxes);
	if (box)
		at = skip_blanks(line, at + box);
	return (struct outline_mark){ at, box, number || box };
}

size_t outline_heading(struct str line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] == '#')
		n++;
	return n <= 6 && n < line.n && (line.p[n] == ' ' || line.p[n] == '\t') ? n : 0;
}

bool outline_is_rule(struct str line)
{
	if (line.n < 3 || !strchr("-=*_", line.p[0]))
		return false;
	for (size_t at = 0; at < line.n; at++)
		if (line.p[at] != line.p[0])
			return false;
	return true;
}

bool outline_key(struct str line, struct str word, struct str *rest)
{
	if (line.n <= word.n || line.p[word.n] != ':' ||
	    !str_eq_nocase(str_first(line, word.n), word))
		return false;
	*rest = str_trim(str_skip(line, word.n + 1));
	return true;
}

bool outline_is_yes_no(struct str text)
{
	static const struct str words[] = { STR_INIT("yes"), STR_INIT("no") };

	for (size_t at = 0; at < 2; at++) {
		struct str rest = str_skip(text, words[at].n);

		if (str_eq_nocase(str_first(text, words[at].n), words[at]) &&
		    (rest.n == 0 || rest.p[0] == ':' || rest.p[0] == ',' ||
		     outline_arrow(str_first(str_trim(rest), 3), '-', &rest) == 0 ||
		     outline_arrow(str_first(str_trim(rest), 3), '=', &rest) == 0))
			return true;
	}
	return false;
}

ptrdiff_t outline_arrow(struct str text, char c, struct str *after)
{
	struct str ascii = c == '=' ? STR("=>") : STR("->");
	struct str drawn = c == '=' ? STR("⇒") : STR("→");

	for (size_t at = text.n; at > 0; at--) {
		struct str rest = str_skip(text, at - 1);
		struct str arrow = str_starts(rest, drawn) ? drawn : ascii;

		/* Within a word it is none: "a->b" is code. */
		if (!str_starts(rest, arrow) || (at > 1 && text.p[at - 2] != ' '))
			continue;
		*after = str_trim(str_skip(rest, arrow.n));
		return (ptrdiff_t)at - 1;
	}
	return -1;
}

static size_t first_arrow(struct str text)
{
	for (size_t at = 0; at < text.n; at++) {
		struct str rest = str_skip(text, at), after;

		if ((at == 0 || text.p[at - 1] == ' ') &&
		    (outline_arrow(str_first(rest, 3), '-', &after) == 0 ||
		     outline_arrow(str_first(rest, 3), '=', &after) == 0))
			return at;
	}
	return text.n;
}

struct str outline_label(struct str text, struct str *rest)
{
	size_t arrow = first_arrow(text);

	for (size_t at = 0; at < arrow; at++) {
		if (text.p[at] != ':' || (at + 1 < text.n && text.p[at + 1] != ' '))
			continue;
		*rest = str_trim(str_skip(text, at + 1));
		return str_trim(str_first(text, at));
	}
	*rest = str_skip(text, arrow);
	return str_trim(str_first(text, arrow));
}

struct str outline_cut(struct str text, size_t most)
{
	size_t at = 0, n = 0;

	while (at < text.n) {
		if (((unsigned char)text.p[at] & 0xc0) != 0x80 && n++ == most)
			break;
		at++;
	}
	return str_first(text, at);
}

struct str outline_title_key(struct arena *a, struct str title)
{
	title = str_trim(title);
	while (title.n && strchr("?.!:", title.p[title.n - 1]))
		title.n--;
	return str_lower(a, str_trim(title));
}

/* ---- fields ---- */

/* "server_name" of "Server name". */
static struct str name_of(struct arena *a, struct str label)
{
	char *name = arena_alloc(a, FLOW_ID_MAX, 1);
	size_t n = 0;

	for (size_t at = 0; at < label.n && n < FLOW_ID_MAX; at++) {
		char c = label.p[at];
		bool sound = flow_id_is_sound((struct str){ &c, 1 });

		if (sound || (n && name[n - 1] != '_'))
			name[n++] = sound ? (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c) : '_';
	}
	while (n && name[n - 1] == '_')
		n--;
	return (struct str){ name, n };
}

/* "(kind, required)" at the end, where it holds nothing else. */
static void take_properties(struct str *text, struct flow_field *f)
{
	size_t open = text->n;
	struct str inside;

	int kind = f->kind;
	bool required = false;

	if (!str_ends(*text, STR(")")))
		return;
	while (open && text->p[open - 1] != '(')
		open--;
	if (!open)
		return;
	inside = str_skip(str_first(*text, text->n - 1), open);
	while (inside.p) {
		struct str word = str_trim(str_cut(&inside, ','));

		if (str_eq_nocase(word, STR("required")))
			required = true;
		else if (!names_find(&field_kinds, word, &kind) &&
			 !str_eq_nocase(word, STR("optional")))
			return;
	}
	f->kind = kind;
	f->required = required;
	*text = str_trim(str_first(*text, open - 1));
}

/* "A | B" are what can be chosen; one value is what stands there at first. */
static void take_values(struct outline *o, struct str values, struct flow_field *f)
{
	struct str *options = ARENA_ARRAY(o->arena, struct str, 101);
	size_t n = 0;

	if (str_find(values, '|') < 0 && f->kind != KIND_SELECT) {
		f->preset = outline_cut(values, 2000);
		return;
	}
	while (values.p && n <= 100) {
		struct str option = outline_cut(str_trim(str_cut(&values, '|')), 200);

		if (option.n)
			options[n++] = option;
	}
	if (n > 100)
		outline_problem(o, o->line, "A field has at most 100 values to choose from.");
	f->kind = KIND_SELECT;
	f->options = LIST_OF(options, n < 100 ? n : 100);
}

static bool keep_field(struct outline *o, const struct flow_field *f)
{
	struct list *intake = &o->ret->doc.intake;

	if (!flow_id_is_sound(f->name))
		outline_problem(o, o->line,
				"Write a field as \"? server_name: Label\"; its name has 1 to 64 "
				"letters, digits, _ or -.");
	else if (intake->n == FLOW_FIELDS_MAX)
		outline_problem(o, o->line, "A flow has at most %d fields.", FLOW_FIELDS_MAX);
	else
		return true;
	return false;
}

void outline_read_field(struct outline *o, struct str text)
{
	struct list *intake = &o->ret->doc.intake;
	struct flow_field f = { .kind = KIND_TEXT, .help = STR("") };
	struct str label = text, name;
	ptrdiff_t equals = str_find(text, '=');

	if (equals >= 0)
		label = str_trim(str_first(text, (size_t)equals));
	take_properties(&label, &f);
	if (equals >= 0)
		take_values(o, str_trim(str_skip(text, (size_t)equals + 1)), &f);
	name = str_find(label, ':') < 0 ? STR_NONE : str_trim(str_cut(&label, ':'));
	f.label = outline_cut(str_trim(label), FLOW_LABEL_MAX);
	f.name = name.p ? name : name_of(o->arena, f.label);
	for (size_t at = 0; at < intake->n; at++) {
		if (!str_eq(o->fields[at].name, f.name))
			continue;
		outline_problem(o, o->line,
				"There is a field %.*s already; give this one another "
				"name.",
				STR_ARG(f.name));
		return;
	}
	if (keep_field(o, &f))
		o->fields[intake->n++] = f;
}
