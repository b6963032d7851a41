#ifndef NOTICES_INSIDE_H
#define NOTICES_INSIDE_H

#include "kit/render/render.h"

/* The views of the room's other files, gathered for notices_views in pages.c. */
extern const struct view preferences_view, unsubscribe_view, digest_html_view, digest_text_view;

#endif
