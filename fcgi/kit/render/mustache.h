#ifndef KIT_RENDER_MUSTACHE_H
#define KIT_RENDER_MUSTACHE_H

#include "kit/base/buf.h"
#include "kit/base/err.h"
#include "kit/base/shape.h"

/*
 * Private to kit/render.  A template goes through three hands: parse.c makes a tree of its text,
 * compile.c makes a flat program of the tree (partials and parents expanded in place, names bound
 * to a shape by bind.c where there is one), and run.c or value.c runs the program.
 */
struct arena;
struct json;

/* ---- parse.c: text to tree ---- */

enum node_kind {
	NODE_ROOT,
	NODE_TEXT,
	NODE_VAR,      /* {{name}} */
	NODE_RAW,      /* {{{name}}} or {{&name}} */
	NODE_SECTION,  /* {{#name}} */
	NODE_INVERTED, /* {{^name}} */
	NODE_PARTIAL,  /* {{>name}} */
	NODE_PARENT,   /* {{<name}}, its children the blocks that are given to it */
	NODE_BLOCK,    /* {{$name}}: a place in a template, or the content given for one */
};

struct node {
	enum node_kind kind;
	int line;
	struct str text;   /* of NODE_TEXT the text, at most one line; else the name */
	bool bol;          /* a text at the beginning of a line: indentation goes before it */
	bool alone;        /* a tag that was alone on its line */
	struct str indent; /* the blanks before the tag, where nothing else is */
	struct str margin; /* of a block: the indentation of its first line */
	struct node *up, *first, *last, *next;
};

struct template
{
	struct str name, file; /* the file is what errors tell */
	bool plain;            /* not HTML: nothing is escaped */
	struct node *root;
};

const struct err *template_parse(struct arena *a, struct template *t, struct str text) must_check;
/* ERR_INTERNAL "file:line: what". */
const struct err *template_fault(struct arena *a, const struct template *t, int line,
				 const char *fmt, ...)
	__attribute__((format(printf, 4, 5))) must_check;

/* ---- compile.c: tree to program ---- */

#define LEVELS_MAX 16 /* frame, model and nested lists and objects */
#define HOPS_MAX   3

/* Where a value lies: in the object at a level, behind up to HOPS_MAX references, at an offset. */
struct place {
	unsigned level, nhops;
	size_t hops[HOPS_MAX], off;
};

enum op_kind {
	OP_TEXT,
	OP_PRINT, /* escaped, unless the program is plain text */
	OP_RAW,
	OP_SECTION,  /* the next `body` ops, for each item or if there is something */
	OP_INVERTED, /* the next `body` ops, if there is nothing */
	OP_LATER,    /* values only: a partial within itself, compiled when it is reached */
};

struct op {
	enum op_kind kind;
	unsigned push; /* of a bound section: the level that its object or items take */
	size_t body;
	struct str text;           /* the text; of an unbound op the name */
	struct place place;        /* of a bound op: where the struct lies that holds the field */
	const struct field *field; /* of a bound op */
	const struct later *later;
};

struct program {
	const struct op *ops;
	size_t n;
};

/* Where templates come from; *ret is NULL where there is none of that name. */
struct library {
	const struct err *(*find)(struct library *lib, struct str name,
				  const struct template **ret);
};

/* The names that can be seen, innermost first; the frame is level 0 and the model level 1. */
struct scope {
	const struct scope *outer;
	const struct shape *shape;
	unsigned level;
};

/* scope NULL: names are left for the time of running. */
const struct err *compile(struct arena *a, struct library *lib, const struct template *t,
			  const struct scope *scope, struct program *ret) must_check;
const struct err *compile_later(struct arena *a, struct library *lib, const struct later *later,
				struct program *ret) must_check;

/* ---- bind.c: names to fields ---- */

/* A name in its place: what is looked up, and where. */
struct binding {
	struct arena *arena;
	const struct template *template;
	const struct node *node;
	const struct scope *scope;
};

const struct err *bind_print(const struct binding *b, struct op *op) must_check;
/* *inner is the scope of the section's body: the same, or one more level in `room`. */
const struct err *bind_section(const struct binding *b, struct op *op, struct scope *room,
			       const struct scope **inner) must_check;

/* ---- run.c ---- */

void program_run(struct program p, const void *frame, const void *model, struct buf *out);

#endif
