/* What is done to flows; see acts.h. */
#include "flows/acts.h"

#include "kit/base/arena.h"
#include "kit/base/shape_json.h"
#include "kit/crypto/crypto.h"
#include "people/people.h"
#include "record/record.h"

struct field_list {
	struct list fields;
};

static const struct shape field_list =
	SHAPE(struct field_list, F_LIST(struct field_list, fields, &flow_field_shape));

/* ---- reading ---- */

const struct err *flow_not_there(struct req *r)
{
	return ERR(r->arena, ERR_NOT_FOUND, "There is no such flow, or you may not see it.");
}

const struct err *flow_not_yours(struct req *r)
{
	return ERR(r->arena, ERR_FORBIDDEN,
		   "Only its author, the author's team and team admins may change this flow.");
}

const struct err *flow_read_doc(struct arena *a, const struct flow_doc_row *row,
				struct flow_doc *ret)
{
	struct field_list list;
	struct str wrapped = str_fmt(a, "{\"fields\":%.*s}", STR_ARG(row->intake.s));

	*ret = (struct flow_doc){ row->name, row->description, .type = row->type };
	TRY(shape_read_json(a, &field_list, wrapped, &list));
	ret->intake = list.fields;
	return shape_read_json(a, &flow_graph_shape, row->structure.s, &ret->structure);
}

static const struct err *fill(struct req *r, struct flow_row *row, const struct flow_doc_row *text,
			      struct flow *ret)
{
	if (!row || !text)
		return flow_not_there(r);
	*ret = (struct flow){ row, .hash = text->hash, .at = text->at, .person = text->person };
	return flow_read_doc(r->arena, text, &ret->doc);
}

const struct err *flow_read(struct req *r, struct uuid id, int64_t version, struct flow *ret)
{
	struct flow_doc_row *text;
	struct flow_row *row;

	store_flow(r->tx, id, &row);
	store_flow_doc(r->tx, id, version, &text);
	TRY(tx_run(r->tx));
	return fill(r, row, text, ret);
}

const struct err *flow_open(struct req *r, struct uuid id, struct flow *ret)
{
	struct flow_doc_row *text;
	struct flow_row *row;

	store_flow_lock(r->tx, id);
	store_flow(r->tx, id, &row);
	store_flow_doc(r->tx, id, 0, &text);
	TRY(tx_more(r->tx));
	TRY(fill(r, row, text, ret));
	if (!row->edits)
		return flow_not_yours(r);
	return NULL;
}

void flow_find(struct req *r)
{
	store_flow_find(r->tx, r->id[0]);
}

struct list flow_tag_list(struct arena *a, struct str tags)
{
	struct str *items = ARENA_ARRAY(a, struct str, tags.n / 2 + 1);
	size_t n = 0;

	for (struct str rest = tags; rest.n;)
		items[n++] = str_cut(&rest, ',');
	return LIST_OF(items, n);
}

/* ---- changing ---- */

void flow_keep(struct req *r, const struct flow *f, struct str label, const struct flow_doc *to)
{
	struct flow_written text = flow_written(r->arena, to);

	if (!str_eq(text.hash, f->hash))
		store_flow_edit_add(r->tx, f->row->id, label, &text);
}

const struct err *flow_check_revision(struct req *r, const struct flow *f, struct str revision)
{
	int64_t number = 0;

	if (str_starts(revision, STR("W/")))
		revision = str_skip(revision, 2);
	if (revision.n > 1 && revision.p[0] == '"' && str_ends(revision, STR("\"")))
		revision = str_first(str_skip(revision, 1), revision.n - 2);
	if (revision.n == 0 || str_eq(revision, STR("*")))
		return NULL;
	if (str_to_int(revision, &number) && number == f->row->revision)
		return NULL;
	return ERR_CODE(
		r->arena, ERR_CONFLICT, "stale",
		"Someone changed this flow meanwhile. Look at it as it is now, then save again.");
}

struct uuid flow_make(struct req *r, const struct flow_making *m)
{
	struct uuid id = crypto_uuid7();

	store_flow_add(r->tx,
		       &(struct new_flow){ id, m->visibility, m->category.p ? m->category : STR(""),
					   m->label, flow_written(r->arena, &m->doc) });
	if (m->tags.n) {
		store_flow_tags(r->tx, id, m->tags);
		store_flow_index(r->tx, id);
	}
	audit(r, "flow.created", "flow", id, audit_nothing,
	      audit_fact(r->arena, "name", m->doc.name));
	return id;
}

static const struct err *open_line(struct req *r, struct uuid id, struct flow_line_row **ret)
{
	struct flow f;

	store_flow_lock(r->tx, id); /* first, so that the line is as it now is */
	store_flow_line(r->tx, id, ret);
	TRY(flow_open(r, id, &f));
	return NULL;
}

const struct err *flow_undo(struct req *r, struct uuid id)
{
	struct flow_line_row *line;

	TRY(open_line(r, id, &line));
	if (!line || !line->undo_to)
		return ERR_CODE(r->arena, ERR_CONFLICT, "nothing_to_undo",
				"There is nothing to undo.");
	store_flow_edit_move(r->tx, id, line->undo_to);
	return NULL;
}

const struct err *flow_redo(struct req *r, struct uuid id)
{
	struct flow_line_row *line;

	TRY(open_line(r, id, &line));
	if (!line || !line->redo_to)
		return ERR_CODE(r->arena, ERR_CONFLICT, "nothing_to_redo",
				"There is nothing to redo.");
	store_flow_edit_move(r->tx, id, line->redo_to);
	return NULL;
}

const struct err *flow_jump(struct req *r, struct uuid id, int64_t n)
{
	struct flow f;

	TRY(flow_open(r, id, &f));
	store_flow_edit_move(r->tx, id, n);
	return NULL;
}

const struct err *flow_restore(struct req *r, struct uuid id, int64_t version)
{
	struct flow_doc_row *text;
	struct flow_doc doc;
	struct flow f;

	store_flow_doc(r->tx, id, version, &text);
	TRY(flow_open(r, id, &f));
	if (!text || version < 1)
		return ERR(r->arena, ERR_NOT_FOUND, "This flow has no such version.");
	TRY(flow_read_doc(r->arena, text, &doc));
	flow_keep(r, &f, str_fmt(r->arena, "Restored version %lld", (long long)version), &doc);
	return NULL;
}

static const struct err *refuse_unsound(struct req *r, struct list errors)
{
	const struct flow_finding *finding = errors.items;

	for (size_t at = 0; at < errors.n; at++)
		input_problem(r, finding[at].node_id.n ? finding[at].node_id : STR("structure"),
			      finding[at].message);
	return ERR_CODE(
		r->arena, ERR_INVALID, "not_sound",
		"This flow can't be published yet. Mend what is listed, then publish again.");
}

const struct err *flow_publish(struct req *r, const struct flow *f, struct str note)
{
	struct flow_findings findings;

	flow_check(r->arena, &f->doc, &findings);
	if (findings.errors.n)
		return refuse_unsound(r, findings.errors);
	store_flow_publish(r->tx, f->row->id, note);
	audit(r, "flow.published", "flow", f->row->id, audit_nothing,
	      audit_fact(r->arena, "name", f->doc.name));
	return NULL;
}

const struct err *flow_stand(struct req *r, const struct flow *f, const struct flow_standing *to)
{
	bool mine = uuid_eq(f->row->author, r->who->person);
	bool moves = to->visibility >= 0 && to->visibility != f->row->visibility;

	if (moves && to->visibility == FLOW_PRIVATE && !mine)
		return ERR(r->arena, ERR_FORBIDDEN, "Only its author can make a flow private.");
	if (moves && !mine && !role_may((enum role)r->who->row->role, PERM_CURATE))
		return ERR(r->arena, ERR_FORBIDDEN,
			   "Only its author or a team admin can change who sees a flow.");
	store_flow_stand(r->tx, f->row->id, to);
	if (moves)
		audit(r, "flow.shown_to", "flow", f->row->id,
		      audit_fact(r->arena, "visibility",
				 names_text(&flow_visibilities, f->row->visibility)),
		      audit_fact(r->arena, "visibility",
				 names_text(&flow_visibilities, to->visibility)));
	if (to->archived >= 0)
		audit(r, to->archived ? "flow.archived" : "flow.unarchived", "flow", f->row->id,
		      audit_nothing, audit_fact(r->arena, "name", f->row->name));
	return NULL;
}

const struct err *flow_remove(struct req *r, struct uuid id)
{
	struct flow f;

	TRY(flow_open(r, id, &f));
	store_flow_delete(r->tx, id);
	audit(r, "flow.deleted", "flow", id, audit_fact(r->arena, "name", f.row->name),
	      audit_nothing);
	return NULL;
}
