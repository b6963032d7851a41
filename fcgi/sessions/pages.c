/* The pages of this room. */
#include "sessions/history.h"
#include "sessions/sessions.h"

const struct view *const sessions_views[] = { &session_history_view, NULL };
