#ifndef FLOWS_OUTLINE_PARTS_H
#define FLOWS_OUTLINE_PARTS_H

#include "flows/outline.h"
#include "kit/base/buf.h"

/*
 * Private to the outline.  outline.c makes a tree of the lines, outline_words.c knows what can
 * stand in a line, and outline_link.c makes steps and ways of the tree.
 */
#define OUTLINE_MAX   ((size_t)200 * 1024)
#define OUTLINE_DEPTH 20

struct outline_item {
	int64_t line;
	bool section;
	bool box;        /* behind a box to tick */
	bool counted;    /* behind a number or a box to tick: of a checklist */
	struct str text; /* without what marks it as an item */
	struct buf body, help;
	struct outline_item *first, *last, *next;

	/* What outline_link.c makes of it. */
	struct str label;       /* of an option */
	struct flow_node *node; /* NULL: it is only an option or a jump */
	struct str head, jump;  /* "Restart -> Is it on?": "Restart" and "Is it on?"; or none */
	bool asks;              /* the items below are its options */
};

/* What a jump may call a step: its title, and that without a jump behind it. */
struct outline_keys {
	struct str title, head;
};

struct outline {
	struct arena *arena;
	struct flow_outline *ret;
	struct flow_line_problem *problems;
	int64_t line;             /* that is being read, from 1 */
	int type;                 /* as it was told, or -1 */
	struct outline_item root; /* holds the items of the first level */
	struct flow_field *fields;
	struct flow_node *nodes;
	struct outline_keys *keys; /* of each node */
	size_t answers, decisions; /* that there are */
	bool full;                 /* there are more steps than a flow can have */
};

/* Says what is wrong in a line; of too many problems the first tell enough. */
void outline_problem(struct outline *o, int64_t line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- outline_words.c ---- */

/* What marks an item: a bullet, a number, a box to tick. */
struct outline_mark {
	size_t width;
	bool box, counted;
};
struct outline_mark outline_mark(struct str line);
size_t outline_heading(struct str line); /* how many #, 0 for none */
bool outline_is_rule(struct str line);   /* "---", "====" */
bool outline_is_yes_no(struct str text); /* begins with that word */
/* "word:" at the beginning, in either case; *rest is what follows. */
bool outline_key(struct str line, struct str word, struct str *rest);
/* "Yes: Restart it", "Yes -> Restart it" and "Yes" alone: *rest is none, or begins with its arrow.
 */
struct str outline_label(struct str text, struct str *rest);
/* Where the last "->" begins (or "=>", for `c` '='), -1; *after is what follows it. */
ptrdiff_t outline_arrow(struct str text, char c, struct str *after);
/* At most so many characters. */
struct str outline_cut(struct str text, size_t most);
/* The same of two titles that a reader takes for one: case and a last "?" or "." do not count. */
struct str outline_title_key(struct arena *a, struct str title);
/* "name: Label (kind, required) = A | B"; says what is wrong with it. */
void outline_read_field(struct outline *o, struct str text);

/* ---- outline_link.c ---- */

void outline_link(struct outline *o);

#endif
