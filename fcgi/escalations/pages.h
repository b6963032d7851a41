#ifndef ESCALATIONS_PAGES_H
#define ESCALATIONS_PAGES_H

#include "kit/render/render.h"

/* The pages of the room. */
extern const struct view rules_view, queue_view;

#endif
