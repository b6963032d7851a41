#ifndef PEOPLE_PAGES_H
#define PEOPLE_PAGES_H

#include "people/acts.h"

/* The views of the room's other files, gathered for people_views in pages.c. */
extern const struct view welcome_view, profile_view, password_view, devices_view, device_end_view,
	kept_form_view, code_view, own_keys_view, key_made_view, all_keys_view;

const struct err *profile_show(struct req *r) must_check;
const struct err *profile_save(struct req *r) must_check;
const struct err *password_show(struct req *r) must_check;
const struct err *password_save(struct req *r) must_check;
const struct err *devices_show(struct req *r) must_check;
void device_find(struct req *r);
extern const struct shape device_end_input;
const struct err *device_end_show(struct req *r) must_check;
const struct err *devices_end_show(struct req *r) must_check;
const struct err *device_end(struct req *r) must_check;
const struct err *devices_end_others(struct req *r) must_check;
const struct err *kept_show(struct req *r) must_check;
const struct err *kept_discard(struct req *r) must_check;
const struct err *events_stream(struct req *r) must_check;
extern const struct shape profile_input;

/* Devices as pages show them, of a list of struct device. */
struct device_view {
	struct uuid id;
	struct str agent, address, since_ago, last_seen_ago;
	struct instant since, last_seen;
	bool current;
};
extern const struct shape device_view_shape;
struct list device_views(struct req *r, struct list rows);

/* Whether a company may make an account by itself, with a code or without. */
bool may_register(const struct req *r);
/* Where somebody goes who has just signed in: to the form that was kept, or where they wanted to.
 */
struct str way_on(struct req *r, struct str next);

/* "/login?next=%2Fusers"; the path alone where there is no next, or one that no address would hold.
 */
struct str path_with_next(struct req *r, const char *path, struct str next);

/* half.c: the password was right, and a code is missing. */
const struct err *half_way(struct req *r, const struct credentials *c, struct str next) must_check;
const struct err *code_show(struct req *r) must_check;
const struct err *code_send(struct req *r) must_check;
extern const struct shape code_input, recovery_input;

/* How people call a browser: "Firefox on Windows". */
/* How people call a role: "Team admin". */
struct str role_label(int role);

#endif
