#ifndef PEOPLE_PAGES_H
#define PEOPLE_PAGES_H

#include "people/acts.h"

/* The views of the room's other files, gathered for people_views in pages.c. */
extern const struct view welcome_view, profile_view, password_view, devices_view, kept_form_view;

const struct err *profile_show(struct req *r) must_check;
const struct err *profile_save(struct req *r) must_check;
const struct err *password_show(struct req *r) must_check;
const struct err *password_save(struct req *r) must_check;
const struct err *devices_show(struct req *r) must_check;
void device_find(struct req *r);
const struct err *device_end(struct req *r) must_check;
const struct err *devices_end_others(struct req *r) must_check;
const struct err *kept_show(struct req *r) must_check;
const struct err *kept_discard(struct req *r) must_check;
const struct err *events_stream(struct req *r) must_check;
extern const struct shape profile_input;

/* How people call a browser: "Firefox on Windows". */
/* How people call a role: "Team admin". */
struct str role_label(int role);

#endif
