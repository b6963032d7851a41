/* Sessions for the demo account; see sessions.h. */
#include <stdio.h>
#include <string.h>

#include "kit/base/arena.h"
#include "kit/base/json.h"
#include "kit/crypto/crypto.h"
#include "record/record.h"
#include "sessions/inside.h"
#include "sessions/sessions.h"

#define LAST_SECONDS 20 /* from the last step to the end */

struct seeding {
	struct arena *arena;
	struct tx *tx;
	const struct json *told;
	int64_t round; /* a story without notes may be told several times, of others, at other times
			*/
	const struct pair *people;
	struct flow_doc doc;
	const struct flow_index *ix;
	struct seed_session session;
	struct str section;
	const struct flow_node *at; /* where it stands; NULL: at the end */
	struct uuid person;         /* who is at work */
	struct seed_handoff handed; /* to a colleague, if at all */
	int64_t waited;             /* seconds, for that one */
};

static struct str text_of(const struct json *j, const char *name)
{
	return json_str(json_get(j, str_of(name)));
}

/* The same in each round, or one of a list in turn. */
static struct str turn_of(const struct seeding *s, const struct json *in, const char *name)
{
	const struct json *what = json_get(in, str_of(name));
	size_t n = json_length(what);

	return json_str(n ? json_item(what, (size_t)s->round % n) : what);
}

/* People are not clocks. */
static int64_t took_of(const struct seeding *s, const struct json *step)
{
	return json_int(json_get(step, STR("seconds"))) * (100 + s->round * 37 % 60) / 100;
}

static struct uuid person_of(const struct seeding *s, const struct json *in, const char *part)
{
	struct str name = turn_of(s, in, part);
	struct uuid id = UUID_NONE;

	for (const struct pair *p = s->people; p->name.p; p++)
		if (str_eq(p->name, name))
			(void)!uuid_parse(p->value, &id);
	return id;
}

static const struct err *wrong(const struct seeding *s, const char *what, struct str which)
{
	return ERR(s->arena, ERR_INTERNAL, "a demo session on %.*s: %s %.*s",
		   STR_ARG(text_of(s->told, "flow")), what, STR_ARG(which));
}

/* An id as if it had been made then, for lists go by ids. */
static struct uuid id_of(struct instant at)
{
	struct uuid id = crypto_uuid7();
	char time[16];

	(void)snprintf(time, sizeof(time), "%012llx",
		       (unsigned long long)(at.us / 1000) & 0xffffffffffffull);
	memcpy(id.text, time, 8);
	memcpy(id.text + 9, time + 8, 4);
	return id;
}

static int64_t again_of(const struct seeding *s, size_t before, const struct str *nodes)
{
	int64_t again = 1;

	for (size_t at = 0; at < before; at++)
		again += str_eq(nodes[at], s->at->id);
	return again;
}

static const struct flow_option *option_of(const struct flow_node *n, struct str label)
{
	for (size_t at = 0; at < n->options.n; at++)
		if (str_eq(flow_options(n)[at].label, label))
			return &flow_options(n)[at];
	return NULL;
}

static void go_on(struct seeding *s, struct str next)
{
	struct landing to = run_land(&s->doc, s->ix, next);

	s->at = to.node;
	if (to.section.p)
		s->section = to.section;
}

/* As far as the story is told. */
static struct instant now_of(const struct seeding *s)
{
	return (struct instant){ s->session.started.us +
				 (s->session.seconds + s->waited) * CLOCK_SECOND };
}

static void add_visit(struct seeding *s, const struct json *step, struct seed_visit *v)
{
	const struct flow_node *n = s->at;
	struct str notes = text_of(step, "notes");

	v->n = ++s->session.visit;
	v->step.node = n->id;
	v->step.kind = names_text(&node_kinds, n->kind);
	v->step.title = n->title;
	v->step.section = s->section;
	v->step.notes = notes.p ? notes : STR("");
	v->skip_reason = text_of(step, "skipped");
	v->person = v->took < 0 ? UUID_NONE : s->person;
	v->entered = now_of(s);
	v->before = s->session.seconds;
	if (v->took > 0)
		s->session.seconds += v->took;
	store_seed_visit(s->tx, s->session.id, v);
}

static const struct err *answer(struct seeding *s, const struct json *step, int64_t again)
{
	struct seed_visit v = { .step.again = again, .took = took_of(s, step) };
	const struct flow_option *option = NULL;
	struct str label = text_of(step, "answer");

	if (s->at->kind == FLOW_DECISION) {
		option = option_of(s->at, label);
		if (!option)
			return wrong(s, "no such answer:", label);
		v.option = option->id;
		v.option_label = option->label;
	}
	add_visit(s, step, &v);
	go_on(s, option ? option->next : s->at->next);
	return NULL;
}

/* Before the step of that number: whoever takes it goes on from there. */
static void hand_over(struct seeding *s, const struct json *handed, size_t step)
{
	if (!handed || step != (size_t)json_int(json_get(handed, STR("after"))))
		return;
	s->handed.at = now_of(s);
	s->handed.visit = s->session.visit + 1;
	if (uuid_is_none(s->handed.taker))
		return;
	s->waited = json_int(json_get(handed, STR("waited")));
	s->handed.taken = now_of(s);
	s->person = s->handed.taker;
}

static const struct err *walk(struct seeding *s)
{
	const struct json *handed = json_get(s->told, STR("handed"));
	const struct json *steps = json_get(s->told, STR("steps"));
	struct str *nodes = ARENA_ARRAY(s->arena, struct str, json_length(steps) + 1);
	size_t n = 0;

	go_on(s, s->doc.structure.start);
	for (; n < json_length(steps); n++) {
		if (!s->at)
			return wrong(s, "goes beyond", STR("its end"));
		hand_over(s, handed, n);
		nodes[n] = s->at->id;
		TRY(answer(s, json_item(steps, n), again_of(s, n, nodes)));
	}
	hand_over(s, handed, n);
	/* One that has ended elsewhere than at an answer stands at no step. */
	if (s->at)
		add_visit(s, NULL,
			  &(struct seed_visit){ .step.again = again_of(s, n, nodes),
						.took = s->session.ended.us ? LAST_SECONDS : -1 });
	return NULL;
}

static const struct err *open_flow(struct seeding *s)
{
	struct str name = text_of(s->told, "flow");
	struct seed_flow *flow;

	store_seed_flow(s->tx, name, &flow);
	TRY(tx_more(s->tx));
	if (!flow)
		return wrong(s, "no such flow:", name);
	s->session.flow = flow->id;
	s->session.version = flow->version;
	TRY(session_read_doc(s->arena,
			     &(struct startable_row){ flow->version, false, flow->name, flow->type,
						      flow->structure, flow->intake },
			     &s->doc));
	s->ix = flow_index(s->arena, &s->doc.structure);
	return NULL;
}

/* Within the hours in which people work, where it is not of today. */
static struct instant time_of(int64_t hours_ago)
{
	const int64_t hour = 3600 * CLOCK_SECOND, day = 24 * hour;
	int64_t then = clock_now().us - hours_ago * hour;

	if (hours_ago >= 24)
		then = then / day * day + 8 * hour + hours_ago * 37 % 480 * 60 * CLOCK_SECOND;
	return (struct instant){ then };
}

static void fill_session(struct seeding *s)
{
	const struct json *told = s->told;
	int64_t every = json_int(json_get(told, STR("every")));
	struct instant then =
		time_of(json_int(json_get(told, STR("hours_ago"))) + s->round * every);
	struct seed_session *to = &s->session;

	to->id = id_of(then);
	to->created = then;
	to->owner = s->person = person_of(s, s->told, "by");
	to->preparer = person_of(s, s->told, "prepared_by");
	to->assignee = person_of(s, s->told, "for");
	to->variables = json_text(s->arena, json_get(s->told, STR("variables")));
	to->ticket = text_of(told, "ticket");
	if (every)
		to->ticket = str_fmt(
			s->arena, "NB-%d",
			(int)(json_int(json_get(told, STR("first_ticket"))) - 9 * s->round));
	to->client = turn_of(s, told, "client");
	to->outcome = text_of(s->told, "outcome");
	to->summary = text_of(s->told, "summary");
	if (!uuid_is_none(to->owner))
		to->started = then;
}

static void fill_handed(struct seeding *s)
{
	const struct json *handed = json_get(s->told, STR("handed"));
	struct seed_handoff *to = &s->handed;

	if (!handed)
		return;
	to->id = id_of(s->session.started);
	to->session = s->session.id;
	to->by = s->person;
	to->taker = person_of(s, handed, "taken_by");
	to->reason = text_of(handed, "reason");
	to->tried = text_of(handed, "tried");
	to->priority = text_of(handed, "priority");
	to->resolution = text_of(handed, "resolution");
	if (!uuid_is_none(to->taker))
		s->session.owner = to->taker;
}

/* One that waits is looked at in time, as any other. */
static void seed_handed(struct seeding *s)
{
	struct seed_handoff *h = &s->handed;

	if (uuid_is_none(h->id))
		return;
	if (h->resolution.n)
		h->ended = s->session.ended;
	store_seed_handoff(s->tx, h);
	if (uuid_is_none(h->taker))
		jobs_enqueue(s->tx, &(struct new_job){ .kind = JOB_WATCH,
						       .payload = audit_fact(s->arena, "handoff",
									     uuid_str(&h->id)),
						       .run_at = h->at });
}

/* The visits refer to their session, which says how many they are: it goes first, as it will be. */
static const struct err *tell(struct seeding s)
{
	const struct json *told = s.told;
	const struct json *steps = json_get(told, STR("steps"));
	struct str reason = text_of(told, "parked");
	int64_t waited = json_int(json_get(json_get(told, STR("handed")), STR("waited")));
	int64_t seconds = 0;

	TRY(open_flow(&s));
	fill_session(&s);
	fill_handed(&s);
	for (size_t at = 0; at < json_length(steps); at++)
		seconds += took_of(&s, json_item(steps, at));
	if (s.session.outcome.p) {
		seconds += LAST_SECONDS;
		s.session.ended = (struct instant){ s.session.started.us +
						    (seconds + waited) * CLOCK_SECOND };
	}
	s.session.seconds = seconds;
	s.session.visit = uuid_is_none(s.session.owner) ? 0 : (int64_t)json_length(steps) + 1;
	store_seed_session(s.tx, &s.session);
	if (uuid_is_none(s.session.owner))
		return NULL;
	s.session.seconds = s.session.visit = 0;
	store_flow_used(s.tx, s.session.flow);
	TRY(walk(&s));
	if (s.session.outcome.p)
		store_travel_add(s.tx, s.session.id);
	seed_handed(&s);
	if (reason.p)
		store_seed_parked(s.tx, s.session.id, s.session.owner, reason,
				  (struct instant){ s.session.started.us +
						    s.session.seconds * CLOCK_SECOND });
	return NULL;
}

const struct err *sessions_seed(struct arena *a, struct tx *tx, const struct pair *people,
				const struct json *told)
{
	int64_t times = json_int(json_get(told, STR("times")));

	for (int64_t round = 0; round == 0 || round < times; round++)
		TRY(tell((struct seeding){ a, tx, told, round, people, .section = STR("") }));
	return NULL;
}
