#ifndef REDACTION_REDACTION_H
#define REDACTION_REDACTION_H

#include "kit/http/http.h"
#include "kit/redact/redact.h"

struct sql;

/*
 * What an account takes out of texts before they leave.  A room that sends a text away reads the
 * account's patterns with its other statements, makes rules of them, and redacts:
 *	struct list patterns;
 *	redaction_read(r->tx, &patterns);
 *	TRY(tx_run(r->tx));
 *	rules = redaction_rules(r->arena, patterns, &(struct redact_wish){ .keep = ... });
 *	text = redact(r->arena, rules, text, &hits);
 */
void redaction_read(struct tx *tx, struct list *ret);
/* wish: what the form asked for; its patterns are those read.  NULL where nobody asked. */
const struct redact_rules *redaction_rules(struct arena *a, struct list patterns,
					   const struct redact_wish *wish);

extern const struct route redaction_routes[];
extern const struct view *const redaction_views[];
extern const struct sql *const redaction_statements[];

#endif
