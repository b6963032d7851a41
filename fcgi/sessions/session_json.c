/* SESSION of the API; see session_json.h. */
#include "sessions/session_json.h"

#include "kit/base/arena.h"
#include "kit/base/shape_json.h"
#include "people/people.h"

#define T struct session_tree
static const struct shape tree_shape =
	SHAPE(T, F_UUID(T, id), F_STR(T, name), F_ENUM(T, type, &flow_types), F_INT(T, version));
#undef T
static const struct shape option_shape =
	SHAPE_WITH(struct flow_option, (.label = "Chosen"), F_STR(struct flow_option, id),
		   F_STR(struct flow_option, label));
#define T struct session_step
static const struct shape step_shape =
	SHAPE_WITH(T, (.label = "SessionStep"), F_UUID(T, id), F_INT(T, n), F_STR(T, node_id),
		   F_STR(T, title), F_STR(T, kind), F_STR(T, section),
		   F_REF(T, option, struct flow_option, &option_shape, .null = true),
		   F_STR(T, notes), F_BOOL(T, skipped), F_STR(T, skip_reason, .null = true),
		   F_REF(T, by, struct person_json, &person_json_shape, .null = true),
		   F_TIME(T, answered_at, .null = true), F_INT(T, seconds), F_BOOL(T, reverted));
#undef T
static const struct shape warning_shape =
	SHAPE(struct session_warning, F_STR(struct session_warning, code),
	      F_STR(struct session_warning, name));

#define T struct session_json
#define SESSION_HEAD                                                                               \
	F_UUID(T, id), F_ENUM(T, status, &session_statuses),                                       \
		F_OBJECT(T, tree, struct session_tree, &tree_shape),                               \
		F_REF(T, current_node, struct flow_node, &flow_node_shape, .null = true),          \
		F_REF(T, current_step, struct session_step, &step_shape, .null = true),            \
		F_STR(T, step_token, .null = true),                                                \
		F_REF(T, owner, struct person_json, &person_json_shape, .null = true),             \
		F_REF(T, prepared_by, struct person_json, &person_json_shape, .null = true),       \
		F_REF(T, assigned_to, struct person_json, &person_json_shape, .null = true),       \
		F_JSON(T, variables), F_LIST(T, unfilled, &shape_texts)
#define SESSION_TAIL                                                                               \
	F_STR(T, ticket_number), F_STR(T, client_name), F_STR(T, outcome, .null = true),           \
		F_STR(T, summary), F_TIME(T, started_at, .null = true),                            \
		F_TIME(T, completed_at, .null = true), F_TIME(T, abandoned_at, .null = true),      \
		F_INT(T, active_seconds), F_INT(T, revision), F_TIME(T, created_at),               \
		F_TIME(T, updated_at)
#define SESSION_FIELDS                                                                             \
	SESSION_HEAD, F_LIST(T, steps, &step_shape), F_STR(T, scratchpad), SESSION_TAIL

const struct shape session_json_shape = SHAPE_WITH(T, (.label = "Session"), SESSION_FIELDS);
const struct shape session_item_shape =
	SHAPE_WITH(T, (.label = "SessionItem"), SESSION_HEAD, SESSION_TAIL);
const struct shape session_completed_shape = SHAPE_WITH(
	T, (.label = "CompletedSession"), SESSION_FIELDS, F_LIST(T, warnings, &warning_shape));

/* Of somebody who may not read a password, its name only. */
static struct json_text variables_of(struct arena *a, const struct values *values)
{
	struct buf out = buf_new(a, (size_t)4 << 20);
	size_t n = 0;

	buf_putc(&out, '{');
	for (size_t at = 0; at < values->n; at++) {
		const struct value *v = &values->items[at];

		if (!v->filled)
			continue;
		buf_put(&out, n++ ? STR(",") : STR(""));
		buf_put_json(&out, v->field->name);
		buf_putc(&out, ':');
		buf_put(&out, v->json.p ? v->json : STR("null"));
	}
	buf_putc(&out, '}');
	return (struct json_text){ buf_str(&out) };
}

static struct list unfilled_of(struct arena *a, const struct values *values)
{
	struct str *names = ARENA_ARRAY(a, struct str, values->n + 1);
	size_t n = 0;

	for (size_t at = 0; at < values->n; at++)
		if (!values->items[at].filled)
			names[n++] = values->items[at].field->name;
	return LIST_OF(names, n);
}

static struct list warnings_of(struct arena *a, const struct values *values)
{
	struct session_warning *list = ARENA_ARRAY(a, struct session_warning, values->n + 1);
	size_t n = 0;

	for (size_t at = 0; at < values->n; at++)
		if (!values->items[at].filled && values->items[at].field->required)
			list[n++] = (struct session_warning){ STR("unfilled_variable"),
							      values->items[at].field->name };
	return LIST_OF(list, n);
}

static struct session_step step_of(struct arena *a, const struct visit_row *v)
{
	struct flow_option *option = ARENA_NEW(a, struct flow_option);

	*option = (struct flow_option){ .id = v->option, .label = v->option_label };
	return (struct session_step){
		.id = v->id,
		.n = v->n,
		.node_id = v->node,
		.title = v->title,
		.kind = v->kind,
		.section = v->section,
		.option = v->option.n ? option : NULL,
		.notes = v->notes,
		.skipped = v->skip_reason.p != NULL,
		.skip_reason = v->skip_reason,
		.by = person_json_of(a, v->person, v->person_name),
		.answered_at = v->answered_at,
		.seconds = v->took,
		.reverted = v->reverted_at.us != 0,
	};
}

static struct list steps_of(struct arena *a, const struct session *s)
{
	struct session_step *steps = ARENA_ARRAY(a, struct session_step, s->visits.n + 1);
	size_t n = 0;

	for (size_t at = 0; at < s->visits.n; at++) {
		const struct visit_row *v = &session_visits(s)[at];

		if (v != s->here && session_tells(s, v))
			steps[n++] = step_of(a, v);
	}
	return LIST_OF(steps, n);
}

static const struct session_step *current_of(struct arena *a, const struct session *s)
{
	struct session_step *step = ARENA_NEW(a, struct session_step);

	if (!s->here)
		return NULL;
	*step = step_of(a, s->here);
	return step;
}

struct session_json session_json(struct arena *a, const struct session *s)
{
	const struct session_row *row = s->row;

	return (struct session_json){
		.id = row->id,
		.status = row->status,
		.tree = { row->flow, row->flow_name, row->type, row->version },
		.current_node = s->node,
		.current_step = current_of(a, s),
		.step_token = session_token(a, s),
		.owner = person_json_of(a, row->owner, row->owner_name),
		.prepared_by = person_json_of(a, row->preparer, row->preparer_name),
		.assigned_to = person_json_of(a, row->assignee, row->assignee_name),
		.variables = variables_of(a, &s->values),
		.unfilled = unfilled_of(a, &s->values),
		.steps = steps_of(a, s),
		.scratchpad = row->scratchpad,
		.ticket_number = row->ticket,
		.client_name = row->client,
		.outcome = row->outcome,
		.summary = row->summary,
		.started_at = row->started_at,
		.completed_at = row->completed_at,
		.abandoned_at = row->abandoned_at,
		.active_seconds = row->active,
		.revision = row->revision,
		.created_at = row->created_at,
		.updated_at = row->updated_at,
		.warnings = warnings_of(a, &s->values),
	};
}

const struct err *session_reply(struct req *r, struct uuid id)
{
	struct session_json json;
	struct session s;

	TRY(session_read(r, id, &s));
	json = session_json(r->arena, &s);
	reply_header(r, "ETag", str_fmt(r->arena, "\"%lld\"", (long long)s.row->revision));
	return reply_json(r, r->route->output, &json);
}

const struct err *session_conflict(struct req *r, const struct session *s, const struct err *e)
{
	struct session_json json;
	struct buf out;

	if (!e || e->kind != ERR_CONFLICT || !r->api || !s->row->sees)
		return e;
	json = session_json(r->arena, s);
	out = buf_new(r->arena, (size_t)4 << 20);
	shape_put_json(&out, &session_json_shape, &json);
	if (!out.full)
		r->current.s = buf_str(&out);
	return e;
}
