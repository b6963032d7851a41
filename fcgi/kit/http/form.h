#ifndef KIT_HTTP_FORM_H
#define KIT_HTTP_FORM_H

#include "kit/http/http.h"

/*
 * A form as a page shows it, made of the input's shape and a table of controls: the label, the
 * limits and the choices come from the shape, the looks from the control, the value from what was
 * typed or from `values`, the message from r->problems.  templates/ui/form.mustache prints it.
 */
enum control_kind {
	CONTROL_TEXT,
	CONTROL_EMAIL,
	CONTROL_PASSWORD,
	CONTROL_LINES,
	CONTROL_DATE,
	CONTROL_MOMENT, /* a date and a time of day */
	CONTROL_TIME,   /* a time of day */
	CONTROL_SELECT,
	CONTROL_CHECKBOX,
	CONTROL_FILE, /* of a route that takes one */
	CONTROL_HIDDEN
};

struct control {
	const char *field;
	enum control_kind kind;
	const char *hint, *autocomplete, *inputmode;
	const char *accept; /* of a file: the endings that are offered first */
	const char *list;   /* the id of a datalist on the page */
	struct list more;   /* choices beside the field's own, struct pair (name: value, value:
			       label), known only now */
	bool needed;        /* here, though the shape can do without it */
};

struct form_settings {
	struct str action;
	const char *button;
	const struct shape *input;
	const struct control *controls; /* ended by one without a field */
	const struct pair
		*values; /* what the fields hold before anyone typed; ended by one without a name */
	const char *id_end; /* what its ids end in, where the page has several forms */
	bool once;          /* carries a nonce */
	bool quiet;         /* takes no focus: not the page's first form */
};

struct form_view {
	struct str action, button, once;
	bool failed, upload;
	struct list errors, fields;
};

/* One thing to choose in a select: of a form, or of a list's filters. */
struct option_view {
	struct str value, label;
	bool selected;
};
extern const struct shape option_view_shape;
extern const struct shape form_view_shape, form_field_shape;

struct form_view form_view(struct req *r, const struct form_settings *settings);
/* Some of its fields, for a page that puts a heading or another form's part between them. */
struct list form_part(const struct form_view *form, size_t from, size_t n);

/*
 * Boxes of one field, of which any number is ticked; templates/ui/checks.mustache prints them. They
 * stay as they were sent; before that, as `checked` says.
 */
struct check_view {
	struct str value, label, hint;
	bool checked;
};
struct checks_view {
	struct str name, legend, error;
	struct list checks;
};
extern const struct shape checks_view_shape;
struct checks_view checks_view(struct req *r, const char *field, const char *legend,
			       struct check_view *checks, size_t n);

#endif
