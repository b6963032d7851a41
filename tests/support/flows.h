#ifndef SUPPORT_FLOWS_H
#define SUPPORT_FLOWS_H

#include "flows/doc.h"

/* Flows by chance, the same ones for the same seed: loops, ways that lead nowhere or to steps that
 * are not there, steps that nobody reaches, titles of all sorts.  Their ids are unique. */
struct chance {
	uint64_t state;
};

size_t chance_below(struct chance *c, size_t n);
bool chance_one_in(struct chance *c, size_t n);

struct flow_doc flows_by_chance(struct arena *a, struct chance *c, size_t max_nodes);
struct str flows_title(struct chance *c);
/* The id of a step of it, now and then of none. */
struct str flows_target(struct arena *a, struct chance *c, size_t nodes);

struct str flows_node_text(struct arena *a, const struct flow_node *n);
const struct flow_node *flows_node(struct arena *a, const struct flow_doc *d, const char *id);

/* Flows by hand, at file scope: static const struct flow_doc x = FLOW(TYPE, START, NODES...). */
#define ITEMS_(T, ...)                                                                             \
	{                                                                                          \
		((T[]){ __VA_ARGS__ }), sizeof((T[]){ __VA_ARGS__ }) / sizeof(T)                   \
	}
#define ITEMS(T, ...) ((struct list)ITEMS_(T, __VA_ARGS__))
#define WAY(i, l, to)                                                                              \
	{                                                                                          \
		.id = STR_INIT(i), .label = STR_INIT(l), .next = to                                \
	}
#define TO(to) STR_INIT(to)
#define NOWHERE                                                                                    \
	{                                                                                          \
		NULL, 0                                                                            \
	}
#define NODE_(i, k, t) .id = STR_INIT(i), .kind = (k), .title = STR_INIT(t)
#define ACTION(i, t, to)                                                                           \
	{                                                                                          \
		NODE_(i, FLOW_ACTION, t), .body = STR_INIT("Do it."), .help = STR_INIT(""),        \
					  .next = to, .outcome = -1                                \
	}
#define ANSWER(i, t)                                                                               \
	{                                                                                          \
		NODE_(i, FLOW_ANSWER, t), .body = STR_INIT("Done."), .help = STR_INIT(""),         \
					  .outcome = OUTCOME_RESOLVED                              \
	}
#define DECISION(i, t, ...)                                                                        \
	{                                                                                          \
		NODE_(i, FLOW_DECISION, t), .body = STR_INIT(""), .help = STR_INIT("Look."),       \
					    .options = ITEMS_(struct flow_option, __VA_ARGS__),    \
					    .outcome = -1                                          \
	}
#define FLOW(t, first, ...)                                                                        \
	{                                                                                          \
		.name = STR_INIT("A flow"), .description = STR_INIT(""), .type = (t),              \
		.structure = {                                                                     \
			.start = STR_INIT(first),                                                  \
			.nodes = ITEMS_(struct flow_node, __VA_ARGS__)                             \
		}                                                                                  \
	}

#endif
