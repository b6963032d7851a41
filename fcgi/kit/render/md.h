#ifndef KIT_RENDER_MD_H
#define KIT_RENDER_MD_H

#include "kit/base/buf.h"

struct arena;

/*
 * Private to kit/render.  Markdown is an array of lines, which markdown.c reads as blocks that hold
 * others; md_leaf.c and md_table.c know those that hold none, md_inline.c what is within a
 * paragraph, md_write.c how a text and a link are written.
 */
#define MD_ADDRESS_MAX 2000
#define MD_DEPTH_MAX   100 /* tags within tags */

struct md {
	struct arena *arena;
	struct buf out;
	size_t depth; /* tags that are open */
	bool too_deep;
	size_t links,
		open_link; /* how deep in links and images; which of them has a tag, 0 for none */
	size_t link_start;
	struct str link; /* the address of the open one */
};

/* The lines [at, end) that are being read. */
struct md_range {
	struct str *lines;
	size_t at, end;
	int nesting;
	bool tight; /* paragraphs without <p>: within a list whose items stand close */
};

/* ---- md_line.c ---- */

struct md_marker {
	char kind;    /* one of "-+*", or '.' or ')' behind a number */
	size_t width; /* up to the item's text */
	unsigned start;
};

/* The text cut into lines, the blanks that lead one as spaces. */
struct md_range md_lines(struct arena *a, struct str text);
size_t md_indent(struct str line);
struct str md_without_indent(struct str line, size_t most);
bool md_is_blank(struct str line);
size_t md_count(struct str s, char c); /* how many of c it begins with */
bool md_is_rule(struct str line);
size_t md_heading(struct str line); /* its level, 0 for none */
size_t md_fence(struct str line); /* the length of the fence of code that begins here, 0 for none */
bool md_is_quote(struct str line);
bool md_is_item(struct str line, struct md_marker *ret);
bool md_begins_block(struct str line); /* whether a paragraph ends before it */

/* ---- md_leaf.c, md_table.c: each takes its lines off the range ---- */

void md_take_heading(struct md *m, struct md_range *r);
void md_take_fence(struct md *m, struct md_range *r);
void md_take_indented(struct md *m, struct md_range *r);
void md_take_paragraph(struct md *m, struct md_range *r);
bool md_is_table(const struct md_range *r);
void md_take_table(struct md *m, struct md_range *r);

/* ---- md_write.c ---- */

void md_open(struct md *m, struct str tag);
void md_close(struct md *m, struct str tag);
void md_put_text(struct md *m, struct str s); /* escaped; a zero byte becomes U+FFFD */
/* The length of the entity that s begins with, 0 for none. */
size_t md_entity(struct str s);
void md_put_entity(struct md *m, struct str entity);
/* The address as a browser would read it: without escapes and entities. */
struct str md_address(struct md *m, struct str raw);
bool md_is_allowed(struct str address);
/* A link has a tag only where its address can't run anything, and where no link is open. */
void md_open_link(struct md *m, struct str address);
void md_close_link(struct md *m);
bool md_is_punctuation(char c);

/* ---- md_link.c ---- */

/* <https://x.test> and <a@x.test>: what is within, none where it is neither. */
struct str md_angle_address(struct str rest);
/* "(address "title")" behind a link's text: its length, 0 where it is none. */
size_t md_link_target(struct str rest, struct str *address);

/* ---- md_inline.c ---- */

void md_inline(struct md *m, struct str text);

#endif
