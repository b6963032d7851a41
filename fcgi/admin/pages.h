#ifndef ADMIN_PAGES_H
#define ADMIN_PAGES_H

#include "kit/render/render.h"

/* The views of the room's files; private to it. */
extern const struct view account_view, retention_view, due_view, hold_view, archives_view,
	closing_view;

#endif
