/* What every page of the editor shows; see editor.h. */
#include "flows/editor.h"

#include "flows/picture.h"
#include "flows/write.h"
#include "kit/base/arena.h"
#include "kit/crypto/crypto.h"
#include "people/people.h"

static const struct shape finding_line_shape =
	SHAPE(struct finding_line, F_STR(struct finding_line, node_id),
	      F_STR(struct finding_line, message), F_STR(struct finding_line, hint),
	      F_STR(struct finding_line, href));

#define E struct editor
const struct shape editor_shape = SHAPE(
	E, F_UUID(E, flow_id), F_STR(E, name), F_STR(E, status), F_STR(E, type), F_STR(E, base),
	F_STR(E, here), F_INT(E, version), F_INT(E, revision), F_INT(E, nsteps), F_INT(E, nerrors),
	F_INT(E, nwarnings), F_BOOL(E, has_draft), F_BOOL(E, archived), F_BOOL(E, sound),
	F_BOOL(E, empty), F_BOOL(E, can_undo), F_BOOL(E, can_redo), F_STR(E, undo_label),
	F_STR(E, redo_label), F_STR(E, undo_once), F_STR(E, redo_once),
	F_LIST(E, errors, &finding_line_shape), F_LIST(E, warnings, &finding_line_shape),
	F_LIST(E, steps, &flow_step_shape), F_HTML(E, picture));

/* Each leads to where it can be mended: the step's form, or the intake's fields. */
static struct list finding_lines(struct req *r, const struct editor *ed, struct list findings)
{
	struct finding_line *lines = ARENA_ARRAY(r->arena, struct finding_line, findings.n + 1);

	for (size_t at = 0; at < findings.n; at++) {
		const struct flow_finding *f = &((const struct flow_finding *)findings.items)[at];
		bool of_field = str_contains(f->code, STR("field"));

		lines[at] = (struct finding_line){
			.node_id = f->node_id,
			.message = f->message,
			.hint = f->hint,
			.href = f->node_id.n ? str_fmt(r->arena, "%.*s%.*s", STR_ARG(ed->base),
						       STR_ARG(f->node_id))
				: of_field ? str_fmt(r->arena, "/flows/%s/fields", ed->flow_id.text)
					   : str_fmt(r->arena, "/flows/%s/edit", ed->flow_id.text),
		};
	}
	return LIST_OF(lines, findings.n);
}

static void fill_line(struct req *r, struct editor *ed, const struct flow_line_row *line)
{
	ed->can_undo = line && line->undo_to > 0;
	ed->can_redo = line && line->redo_to > 0;
	ed->undo_label = line ? line->undo_label : STR_NONE;
	ed->redo_label = line ? line->redo_label : STR_NONE;
	ed->undo_once = crypto_token(r->arena);
	ed->redo_once = crypto_token(r->arena);
}

static void fill_findings(struct req *r, struct editor *ed)
{
	struct flow_findings findings;

	flow_check(r->arena, &ed->flow.doc, &findings);
	ed->errors = finding_lines(r, ed, findings.errors);
	ed->warnings = finding_lines(r, ed, findings.warnings);
	ed->nerrors = (int64_t)findings.errors.n;
	ed->nwarnings = (int64_t)findings.warnings.n;
	ed->sound = findings.errors.n == 0;
}

const struct err *editor_read(struct req *r, struct str current, struct editor *ret)
{
	struct flow_line_row *line;
	const struct flow_row *row;

	store_flow_line(r->tx, r->id[0], &line);
	TRY(flow_read(r, r->id[0], 0, &ret->flow));
	row = ret->flow.row;
	if (!row->edits)
		return flow_not_yours(r);
	ret->flow_id = row->id;
	ret->current = current;
	ret->base = str_fmt(r->arena, "/flows/%s/edit/", row->id.text);
	ret->here = r->path;
	ret->name = ret->flow.doc.name;
	ret->status = names_text(&flow_statuses, row->status);
	ret->type = names_text(&flow_types, ret->flow.doc.type);
	ret->version = row->version;
	ret->revision = row->revision;
	ret->nsteps = (int64_t)ret->flow.doc.structure.nodes.n;
	ret->empty = ret->nsteps == 0;
	ret->has_draft = row->has_draft;
	ret->archived = row->status == FLOW_ARCHIVED;
	fill_line(r, ret, line);
	fill_findings(r, ret);
	ret->steps = flow_steps(r->arena, &ret->flow.doc);
	ret->picture = flow_drawn(r, &ret->flow,
				  &(struct flow_picture){ .base = ret->base, .current = current });
	return NULL;
}

const struct err *editor_open(struct req *r, struct flow *f, struct flow_edit *e)
{
	TRY(flow_open(r, r->id[0], f));
	*e = (struct flow_edit){ .arena = r->arena, .doc = f->doc };
	return NULL;
}

const struct err *editor_keep(struct req *r, const struct flow *f, const struct flow_edit *e)
{
	flow_keep(r, f, e->label, &e->doc);
	return tx_run(r->tx);
}

const struct err *editor_go(struct req *r, struct str page, struct str part)
{
	return reply_see_other(r, str_fmt(r->arena, "/flows/%s/edit%s%.*s%s%.*s", r->id[0].text,
					  page.n ? "/" : "", STR_ARG(page), part.n ? "#" : "",
					  STR_ARG(part)));
}
