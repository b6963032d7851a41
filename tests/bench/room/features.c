/* The product's rooms and the measured one: stands in for app/features.c when the bench binary is
 * linked. */
#include "app/features.h"

#include "app/answer.h"
#include "app/dev.h"
#include "app/health.h"
#include "kit/db/migrate.h"
#include "mail/mail.h"
#include "people/people.h"
#include "record/record.h"
#include "room/room.h"

const struct route *const feature_routes[] = {
	health_routes,  people_pages, people_api,  users_routes, teams_routes,
	invites_routes, dev_routes,   room_routes, NULL,
};
const struct view *const *const feature_views[] = { answer_views, dev_views, people_views,
						    room_views, NULL };
const struct sql *const *const feature_statements[] = {
	migrate_statements, people_statements, record_statements,
	mail_statements,    room_statements,   NULL,
};
