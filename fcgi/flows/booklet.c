/* A whole flow on paper; see booklet.h. */
#include "flows/booklet.h"

#include "flows/write.h"
#include "kit/base/arena.h"
#include "kit/render/render.h"

#define T struct flow_blank
static const struct shape blank_shape =
	SHAPE(T, F_STR(T, label), F_STR(T, help), F_BOOL(T, required), F_BOOL(T, checkbox),
	      F_BOOL(T, lines), F_LIST(T, options, &shape_texts));
#undef T
#define T struct flow_booklet
static const struct shape booklet_shape =
	SHAPE(T, F_STR(T, name), F_STR(T, type), F_STR(T, date), F_STR(T, back), F_STR(T, file),
	      F_INT(T, version), F_HTML(T, description), F_HTML(T, picture), F_BOOL(T, asks),
	      F_LIST(T, fields, &blank_shape), F_LIST(T, steps, &flow_step_shape));
#undef T

const struct view flow_booklet_view = { "flows/booklet", &booklet_shape };
const struct view flow_alone_view = { "flows/alone", &booklet_shape };

static const struct names type_labels = NAMES("Troubleshooting flow", "Procedure", "Maintenance");

static struct list blanks(struct arena *a, const struct flow_doc *d)
{
	struct flow_blank *list = ARENA_ARRAY(a, struct flow_blank, d->intake.n + 1);

	for (size_t at = 0; at < d->intake.n; at++) {
		const struct flow_field *f = &flow_fields(d)[at];

		list[at] =
			(struct flow_blank){ .label = flow_visible(f->label).n ? f->label : f->name,
					     .help = f->help,
					     .required = f->required,
					     .checkbox = f->kind == KIND_CHECKBOX,
					     .lines = f->kind == KIND_TEXTAREA,
					     .options = f->options };
	}
	return LIST_OF(list, d->intake.n);
}

void flow_booklet(struct arena *a, const struct flow_doc *d, const struct flow_booklet_about *about,
		  struct flow_booklet *ret)
{
	*ret = (struct flow_booklet){
		.name = flow_visible(d->name).n ? d->name : STR("Untitled flow"),
		.type = names_text(&type_labels, d->type),
		.date = clock_day(a, about->at),
		.back = about->back,
		.file = about->file,
		.version = about->version,
		.description = flow_text_html(a, about->made, d, d->description),
		.picture = about->picture,
		.asks = d->intake.n > 0,
		.fields = blanks(a, d),
		.steps = flow_steps_told(a, about->made, d),
	};
}
