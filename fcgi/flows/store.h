#ifndef FLOWS_STORE_H
#define FLOWS_STORE_H

#include "flows/doc.h"
#include "flows/hits.h"
#include "flows/travel.h"
#include "kit/db/db.h"

/* The rows of the flows room and its statements, one function each; private to the room. */

enum flow_status { FLOW_DRAFT, FLOW_PUBLISHED, FLOW_ARCHIVED };
enum flow_visibility { FLOW_PRIVATE, FLOW_TEAM, FLOW_PUBLIC };

enum flow_sort { SORT_NAME, SORT_UPDATED, SORT_USED };

extern const struct names flow_statuses, flow_visibilities, flow_sorts, flow_looks;

/* A flow as lists show it: name, description, type and steps are the last published version's, or
 * the draft's where there is none. */
struct flow_row {
	struct uuid id;
	struct str name, description;
	int type, status, visibility;
	struct str category, tags; /* tags with commas between */
	int64_t version, revision, edit, usage_count;
	bool by_use;
	int64_t steps;
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

/* Which flows of the library, in what order. */
struct library_filter {
	int type, status; /* -1: any, of status but the archived */
	struct str category, q;
	struct list tags; /* of texts; all must hold */
	struct uuid folder;
	bool pinned;
	struct uuid author, team;
	int sort;
};

/* Where a page begins: behind this place in the order, or so many from the first. */
struct library_place {
	struct str name;
	int64_t number;
	struct uuid flow; /* none: from the first */
	int64_t most, skip;
};

struct flow_count_row {
	int64_t n;
};

struct flow_look_row {
	int look; /* an index into flow_looks */
};

/* A value of a filter: kind is "category" or "team". */
struct library_choice {
	struct str kind, value, label;
};

struct tag_row {
	struct str name;
	int64_t count;
};

struct folder_row {
	struct uuid id, parent;
	struct str name, path; /* "Clients / Contoso" */
	int64_t level, count;  /* level: 1 to 3 */
};

struct flow_id_row {
	struct uuid id;
};

/* One thing done to many flows. */
struct flow_bulk {
	struct list flows; /* of texts: their ids */
	struct str act;
	struct uuid folder; /* of "move"; none: out of its folder */
	struct str tag;     /* of "tag" and "untag" */
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
	int by_use;          /* -1: as it is */
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
/* Of struct travel_row. */
void store_travel(struct tx *t, struct uuid flow, struct list *ret);
void store_flow_delete(struct tx *t, struct uuid flow);
/* The text that is searched, where it is behind the flow; the transaction's account. */
void store_flow_index(struct tx *t, struct uuid flow);
/* Queues jobs for that, in all accounts. */
void store_flow_index_rest(struct tx *t);
void store_search(struct tx *t, const struct search *s, struct list *ret);
/* Both by ids, which are texts; what whoever asks may not see is left out. */
void store_flows_of(struct tx *t, struct list ids, struct list *ret);
void store_flow_texts(struct tx *t, struct list ids, struct list *ret);
/* Makes it where it is not there yet. */
void store_category_of(struct tx *t, struct str name);
void store_categories(struct tx *t, struct list *ret);
void store_library(struct tx *t, const struct library_filter *f, const struct library_place *p,
		   struct list *ret);
/* One more than PAGE_TOTAL_MAX stands for all that are more. */
void store_library_count(struct tx *t, const struct library_filter *f, struct flow_count_row **ret);
/* wanted: -1 leaves this person's look at the library as it was. */
void store_flow_look(struct tx *t, int wanted, struct flow_look_row **ret);
void store_library_choices(struct tx *t, struct list *ret);
void store_tags(struct tx *t, struct str prefix, struct list *ret);
/* Without counts: the most used first. */
void store_tag_names(struct tx *t, struct list *ret);
void store_category(struct tx *t, struct uuid category, struct category_row **ret);
/* Counts all flows, also those that whoever asks may not see. */
void store_categories_all(struct tx *t, struct list *ret);
void store_category_add(struct tx *t, struct uuid id, struct str name);
void store_category_rename(struct tx *t, struct uuid category, struct str name);
void store_category_merge(struct tx *t, struct uuid category, struct uuid into);
void store_category_delete(struct tx *t, struct uuid category);
void store_pin(struct tx *t, struct uuid flow, bool pinned);
/* Of whoever asks, each below the one it lies in. */
void store_folders(struct tx *t, struct list *ret);
/* ERR_NOT_FOUND where it is not one's own. */
void store_folder_find(struct tx *t, struct uuid folder);
/* ERR_INVALID where a folder (none: a new one) can't lie there; locks one's folders. */
void store_folder_check(struct tx *t, struct uuid folder, struct uuid parent);
void store_folder_add(struct tx *t, struct uuid id, struct uuid parent, struct str name);
/* parent NULL: it stays where it is. */
void store_folder_change(struct tx *t, struct uuid folder, struct str name,
			 const struct uuid *parent);
void store_folder_delete(struct tx *t, struct uuid folder);
void store_folder_take_out(struct tx *t, struct uuid folder, struct uuid flow);
void store_flows_bulk(struct tx *t, const struct flow_bulk *b, struct list *ret);
/* What whoever asks has typed into a step's form and not sent, as the form's body; nothing where
 * they may not edit, or where the form of that nonce was sent. */
void store_unsent_keep(struct tx *t, struct uuid flow, struct str node, struct str form,
		       struct str once);
void store_unsent_drop(struct tx *t, struct uuid flow, struct str node);
void store_unsent(struct tx *t, struct uuid flow, struct str node, struct unsent_row **ret);
void store_sweep_unsent(struct tx *t);

#endif
