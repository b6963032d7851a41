#ifndef FLOWS_FLOW_DOC_H
#define FLOWS_FLOW_DOC_H

#include "flows/doc.h"
#include "kit/base/shape_json.h"
#include "support/suite.h"

/* A doc of the API's STRUCTURE and FIELDs, in JSON with ' for ". */
struct fields {
	struct list fields;
};

static const struct shape fields_shape =
	SHAPE(struct fields, F_LIST(struct fields, fields, &flow_field_shape));

static struct str quoted(const char *json)
{
	char *p = arena_alloc(arena, strlen(json) + 1, 1);
	size_t n = 0;

	for (; json[n]; n++)
		p[n] = json[n] == '\'' ? '"' : json[n];
	return (struct str){ p, n };
}

static struct flow_doc doc_of(int type, const char *structure, const char *intake)
{
	struct flow_doc d = { .name = STR("A flow"), .description = STR(""), .type = type };
	struct fields f;

	ck_assert_ptr_null(
		shape_read_json(arena, &flow_graph_shape, quoted(structure), &d.structure));
	ck_assert_ptr_null(shape_read_json(
		arena, &fields_shape, str_fmt(arena, "{\"fields\":%s}", quoted(intake).p), &f));
	d.intake = f.fields;
	return d;
}

#endif
