/* The room's views. */
#include "sessions/prepared.h"

#include "sessions/sessions.h"

const struct view *const sessions_views[] = {
	&prepare_view, &choose_view,    &prepared_view,  &taken_view, &park_view,
	&parked_view,  &told_html_view, &told_text_view, NULL,
};
