#ifndef FLOWS_STORE_H
#define FLOWS_STORE_H

#include "flows/doc.h"
#include "flows/hits.h"
#include "kit/db/db.h"

/* The rows of the flows room and its statements, one function each; private to the room. */

enum flow_status { FLOW_DRAFT, FLOW_PUBLISHED, FLOW_ARCHIVED };
enum flow_visibility { FLOW_PRIVATE, FLOW_TEAM, FLOW_PUBLIC };

extern const struct names flow_statuses, flow_visibilities;

/* A flow as lists show it: name, description, type and steps are the last published version's, or
 * the draft's where there is none. */
struct flow_row {
	struct uuid id;
	struct str name, description;
	int type, status, visibility;
	struct str category, tags; /* tags with commas between */
	int64_t version, revision, edit, usage_count, steps;
	bool edits, has_draft, pinned; /* edits: whoever asks may */
	struct uuid author;
	struct str author_name;
	struct uuid team;
	struct str team_name;
	struct instant created_at, updated_at;
};

/* One text of it: the draft, or a version. */
struct flow_doc_row {
	struct str name, description;
	int type;
	struct json_text structure, intake;
	struct str hash;
	struct instant at;
	struct str person;
};

struct flow_edit_row {
	int64_t n;
	struct str label, person;
	struct instant at;
	bool current, undone;
};

/* 0 and none: the end of the line. */
struct flow_line_row {
	int64_t undo_to;
	struct str undo_label;
	int64_t redo_to;
	struct str redo_label;
};

struct flow_version_row {
	int64_t n;
	struct str note, name, person;
	struct uuid person_id;
	struct instant at;
	bool current;
};

struct category_row {
	struct uuid id;
	struct str name;
	int64_t count;
};

/* A flow that was found, and how many there are; alike: only its name looks like what was typed. */
struct search_row {
	struct uuid flow;
	int64_t total;
	bool alike;
};

/* The steps of a flow as lists show it. */
struct flow_text_row {
	struct uuid flow;
	struct json_text structure;
};

struct search {
	struct str q;
	int64_t n, skip;
	bool archived;      /* those, too */
	struct list *words; /* gets what was looked for: struct search_word */
};

/* A form that was typed and not sent. */
struct unsent_row {
	struct str form;
	struct instant at;
};

/* A doc with its texts as the database takes them. */
struct flow_written {
	const struct flow_doc *doc;
	struct str structure, intake, hash;
};
struct flow_written flow_written(struct arena *a, const struct flow_doc *doc);

struct new_flow {
	struct uuid id;
	int visibility;
	struct str category, label;
	struct flow_written text;
};

struct flow_standing {
	int visibility;      /* -1: as it is */
	struct str category; /* none: as it is */
	int archived;        /* -1: as it is */
};

void store_flow_lock(struct tx *t, struct uuid flow);
/* ERR_NOT_FOUND where whoever asks does not see it. */
void store_flow_find(struct tx *t, struct uuid flow);
/* NULL where it is not seen: acts.h's functions make that a 404. */
void store_flow(struct tx *t, struct uuid flow, struct flow_row **ret);
/* version 0: the draft for those who may edit, for others the last version. */
void store_flow_doc(struct tx *t, struct uuid flow, int64_t version, struct flow_doc_row **ret);
/* The last version; NULL where there is none yet. */
void store_flow_last(struct tx *t, struct uuid flow, struct flow_doc_row **ret);
void store_flow_room(struct tx *t);
void store_flow_add(struct tx *t, const struct new_flow *f);
void store_flow_tags(struct tx *t, struct uuid flow, struct list names);
void store_flow_edit_add(struct tx *t, struct uuid flow, struct str label,
			 const struct flow_written *text);
void store_flow_edit_move(struct tx *t, struct uuid flow, int64_t n);
void store_flow_edits(struct tx *t, struct uuid flow, struct list *ret);
void store_flow_line(struct tx *t, struct uuid flow, struct flow_line_row **ret);
void store_flow_publish(struct tx *t, struct uuid flow, struct str note);
void store_flow_versions(struct tx *t, struct uuid flow, struct list *ret);
void store_flow_stand(struct tx *t, struct uuid flow, const struct flow_standing *s);
void store_flow_delete(struct tx *t, struct uuid flow);
/* The text that is searched, where it is behind the flow; the transaction's account. */
void store_flow_index(struct tx *t, struct uuid flow);
/* Queues jobs for that, in all accounts. */
void store_flow_index_rest(struct tx *t);
void store_search(struct tx *t, const struct search *s, struct list *ret);
/* Both by ids, which are texts; what whoever asks may not see is left out. */
void store_flows_of(struct tx *t, struct list ids, struct list *ret);
void store_flow_texts(struct tx *t, struct list ids, struct list *ret);
void store_categories(struct tx *t, struct list *ret);
/* What whoever asks has typed into a step's form and not sent, as the form's body. */
void store_unsent_keep(struct tx *t, struct uuid flow, struct str node, struct str form);
void store_unsent_drop(struct tx *t, struct uuid flow, struct str node);
void store_unsent(struct tx *t, struct uuid flow, struct str node, struct unsent_row **ret);

#endif
