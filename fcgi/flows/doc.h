#ifndef FLOWS_DOC_H
#define FLOWS_DOC_H

#include "kit/base/shape.h"

struct arena;

/*
 * A flow as its author wrote it: one graph for all three types, and the fields that its texts ask
 * for.  Everything here is pure; what is stored, and who may see it, is store.h's.
 *
 * Texts of a doc are never none but `next`, `start` and a field's `preset`; `next` none ends the
 * run.
 */
enum flow_type { FLOW_TROUBLESHOOTING, FLOW_PROCEDURAL, FLOW_MAINTENANCE };
enum flow_node_kind { FLOW_DECISION, FLOW_ACTION, FLOW_ANSWER, FLOW_SECTION };
enum outcome { OUTCOME_RESOLVED, OUTCOME_ESCALATE, OUTCOME_UNRESOLVED };
enum field_kind {
	KIND_TEXT,
	KIND_TEXTAREA,
	KIND_NUMBER,
	KIND_SELECT,
	KIND_CHECKBOX,
	KIND_DATE,
	KIND_EMAIL,
	KIND_IP,
	KIND_PASSWORD
};

extern const struct names flow_types, node_kinds, outcomes, field_kinds;

#define FLOW_NODES_MAX   500
#define FLOW_OPTIONS_MAX 20
#define FLOW_FIELDS_MAX  100
#define FLOW_ID_MAX      64
#define FLOW_TITLE_MAX   200
#define FLOW_LABEL_MAX   200
#define FLOW_TEXT_MAX    16000 /* characters of a body or a help text */
#define FLOW_CHOICES_MAX 100   /* of a select field */
#define FLOW_ASK_MAX     1000  /* characters of a field's help */
#define FLOW_PRESET_MAX  2000

struct flow_option {
	struct str id, label, next;
};

struct flow_node {
	struct str id;
	int kind;
	struct str title, body, help;
	struct list options; /* struct flow_option, of a decision */
	struct str next;     /* of an action or a section */
	bool required;       /* of an action */
	int outcome;         /* of an answer, else -1 */
	struct uuid library_step_id;
};

struct flow_graph {
	struct str start;
	struct list nodes; /* struct flow_node */
};

struct flow_field {
	struct str name, label;
	int kind;
	bool required;
	struct str help;
	struct list options; /* texts, of a select */
	struct str preset;   /* "default" in the API */
};

struct flow_doc {
	struct str name, description;
	int type;
	struct flow_graph structure;
	struct list intake; /* struct flow_field */
};

/* STRUCTURE and FIELD of the API: what is taken, and what is printed, each node as its kind. */
extern const struct shape flow_graph_shape, flow_node_shape, flow_field_shape;

const struct flow_node *flow_nodes(const struct flow_graph *g);
const struct flow_option *flow_options(const struct flow_node *n);
const struct flow_field *flow_fields(const struct flow_doc *d);
const struct flow_field *flow_field_of(const struct flow_doc *d, struct str name); /* or NULL */

/* The ways out of a node, options of a decision and `next` of others alike. */
struct flow_way {
	struct str label, next; /* no label but an option's; next none: nowhere yet, or the end */
};
size_t flow_ways(const struct flow_node *n);
struct flow_way flow_way(const struct flow_node *n, size_t at);

/* Ids to places, built once for a graph; of a doubled id the first. */
struct flow_index;
const struct flow_index *flow_index(struct arena *a, const struct flow_graph *g);
/* Where the node of that id stands, or -1. */
ptrdiff_t flow_at(const struct flow_index *ix, struct str id);

bool flow_id_is_sound(struct str id);
/* The next [VAR:name] of a text: its name, *rest behind it and *before what stands before it; false
 * where there is none. */
bool flow_next_variable(struct str *rest, struct str *before, struct str *name);

/* The numbers that a reader meets: each node that can be reached from the start, in the order in
 * which the options lead to them, then the others as they stand; ret holds a place for each node.
 * Returns how many can be reached. */
size_t flow_reading_order(struct arena *a, const struct flow_graph *g, size_t *ret);

/* STRUCTURE and intake as the database keeps them and the API prints them. */
struct str flow_structure_json(struct arena *a, const struct flow_graph *g);
struct str flow_intake_json(struct arena *a, struct list fields);
/* What must not change when a doc goes round: a hash over all of it, for "is this another draft".
 */
struct str flow_doc_hash(struct arena *a, const struct flow_doc *d);

#endif
