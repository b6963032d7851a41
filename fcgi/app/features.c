/* The rooms; see features.h. */
#include "app/features.h"

#include "admin/admin.h"
#include "app/answer.h"
#include "outbox/outbox.h"
#include "webhooks/webhooks.h"
#include "app/dev.h"
#include "app/health.h"
#include "app/home.h"
#include "audit/audit.h"
#include "escalations/escalations.h"
#include "flags/flags.h"
#include "flows/flows.h"
#include "handoffs/handoffs.h"
#include "insight/insight.h"
#include "kit/db/migrate.h"
#include "mail/mail.h"
#include "mail/post.h"
#include "notices/notices.h"
#include "people/people.h"
#include "plans/plans.h"
#include "platform/flags.h"
#include "platform/platform.h"
#include "record/record.h"
#include "redaction/redaction.h"
#include "reports/pages.h"
#include "reports/reports.h"
#include "sessions/sessions.h"

/* A line each, so that rooms come and go by lines. */
/* clang-format off */
const struct route *const feature_routes[] = {
	home_routes,
	health_routes,
	people_pages,
	people_api,
	users_routes,
	user_routes,
	going_routes,
	audit_routes,
	teams_routes,
	team_routes,
	invites_routes,
	keys_routes,
	keys_api,
	invite_bulk_routes,
	second_factor_routes,
	security_routes,
	dev_routes,
	mail_routes,
	notices_routes,
	preferences_routes,
	preferences_api,
	unsubscribe_routes,
	outbox_routes,
	trees_api,
	editor_routes,
	node_routes,
	fields_routes,
	details_routes,
	history_routes,
	flow_routes,
	import_routes,
	library_api,
	library_routes,
	bulk_routes,
	folders_routes,
	categories_routes,
	search_routes,
	lane_routes,
	sessions_api,
	steps_routes,
	panel_routes,
	ending_routes,
	record_routes,
	begin_routes,
	prepare_routes,
	aside_routes,
	hand_to_routes,
	sessions_lists,
	sessions_history,
	out_routes,
	shares_routes,
	shared_routes,
	verify_routes,
	redaction_routes,
	print_routes,
	escalations_api,
	queue_routes,
	rules_routes,
	hand_over_routes,
	context_routes,
	resolve_routes,
	escalations_stream,
	insight_routes,
	insight_api,
	webhooks_api,
	webhooks_routes,
	account_routes,
	retention_routes,
	due_routes,
	kept_routes,
	archive_routes,
	closing_routes,
	plan_routes,
	offers_routes,
	account_limits_routes,
	flags_routes,
	platform_overview,
	platform_accounts,
	platform_account,
	platform_looks,
	platform_codes,
	platform_system,
	NULL,
};
const struct view *const *const feature_views[] = {
	home_views,
	answer_views,
	dev_views,
	mail_views,
	notices_views,
	people_views,
	audit_views,
	second_factor_views,
	flows_views,
	library_views,
	sessions_views,
	report_views,
	out_views,
	shares_views,
	shared_views,
	verify_views,
	redaction_views,
	print_views,
	escalations_views,
	insight_views,
	webhooks_views,
	outbox_views,
	admin_views,
	plans_views,
	flags_views,
	platform_views,
	NULL,
};
const struct view *const *const feature_mails[] = {
	escalations_mails,
	notices_views,
	NULL,
};
const struct sql *const *const feature_statements[] = {
	migrate_statements,
	app_statements,
	jobs_statements,
	record_statements,
	flags_statements,
	mail_statements,
	people_statements,
	team_statements,
	audit_statements,
	notices_statements,
	redaction_statements,
	flows_statements,
	sessions_statements,
	reports_statements,
	handoffs_statements,
	escalations_statements,
	insight_statements,
	webhooks_statements,
	outbox_statements,
	admin_statements,
	plans_statements,
	platform_statements,
	NULL,
};
const struct job_kind *const feature_jobs[] = {
	flows_jobs,
	people_jobs,
	escalations_jobs,
	plans_jobs,
	NULL,
};
const struct chore *const feature_chores[] = {
	jobs_chores,
	record_chores,
	mail_chores,
	people_chores,
	audit_chores,
	flows_chores,
	sessions_chores,
	webhooks_chores,
	platform_chores,
	NULL,
};
/* clang-format on */
