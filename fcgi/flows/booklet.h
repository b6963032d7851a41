#ifndef FLOWS_BOOKLET_H
#define FLOWS_BOOKLET_H

#include "flows/doc.h"

struct cache;
struct view;

/*
 * A whole flow to be printed, or kept as a file on a stick: numbered steps, blanks to fill in by
 * hand, the picture.  Pure; whoever shows it says what the doc does not know.
 */
struct flow_booklet_about {
	int64_t version; /* 0: a draft */
	struct instant at;
	struct str back, file; /* the flow's page, and where the file is to be had; the page's */
	struct html picture;   /* of flow_svg, for the file with `alone`; none */
	struct cache *made;    /* as flow_text_html takes it */
};

struct flow_blank {
	struct str label, help;
	bool required, checkbox, lines; /* lines: room for more than one */
	struct list options;
};

struct flow_booklet {
	struct str name, type, date, back, file;
	int64_t version;
	struct html description, picture;
	bool asks; /* there are fields */
	struct list fields, steps;
};

extern const struct view flow_booklet_view; /* a page of the product */
extern const struct view flow_alone_view;   /* one file that needs nothing else */

void flow_booklet(struct arena *a, const struct flow_doc *d, const struct flow_booklet_about *about,
		  struct flow_booklet *ret);

#endif
