#ifndef FLOWS_ASKING_H
#define FLOWS_ASKING_H

#include "flows/doc.h"
#include "kit/http/form.h"

/*
 * A flow's fields as controls of a form, behind what else the form asks for.  In forms and
 * addresses a field is called "v." and its name.
 */
struct flow_asked {
	struct shape shape;
	struct control *controls;
};
/* head and its controls: of the form's own fields; fields: struct flow_field. */
void flow_ask(struct arena *a, const struct shape *head, const struct control *controls,
	      struct list fields, struct flow_asked *ret);
struct str flow_asked_name(struct arena *a, const struct flow_field *f);

#define TICKET_MAX 120 /* characters */
#define CLIENT_MAX 200

/*
 * What the address fills in: none where it does not, or where that is too long or can't be shown.
 * Never a password.
 */
struct str flow_link_text(struct req *r, struct str name, size_t most, bool lines);
struct str flow_link_value(struct req *r, const struct flow_field *f);
/* The fields that the request, a link or a form, gives something for. */
struct list flow_linked_fields(struct req *r, const struct flow_doc *doc);

#endif
