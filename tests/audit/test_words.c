/* Entries of the log in words. */
#include "audit/words.h"

#include "support/suite.h"

static struct str told(const char *before, const char *after)
{
	struct audit_line line = { .before = str_of(before), .after = str_of(after) };

	return audit_changes_text(arena, audit_changes(arena, &line));
}

START_TEST(an_action_is_a_sentence_of_its_own)
{
	ck_assert_text(audit_words(arena, STR("session.exported_unredacted")),
		       STR("Session exported unredacted"));
	ck_assert_text(audit_words(arena, STR("sign_in.failed")), STR("Sign-in failed"));
	ck_assert_text(audit_words(arena, STR("handoff.overdue")), STR("Hand-off overdue"));
	ck_assert_text(audit_words(arena, STR("")), STR(""));
}
END_TEST

START_TEST(only_what_changed_is_told)
{
	ck_assert_text(told("{\"role\": \"viewer\", \"team_id\": null, \"active\": true}",
			    "{\"role\": \"engineer\", \"team_id\": null, \"active\": false}"),
		       STR("Role: viewer -> engineer; Active: yes -> no"));
	ck_assert_text(told("{\"team\": null}", "{\"team\": \"\"}"), STR("Team: none -> nothing"));
	ck_assert_text(told(NULL, "{\"tries\": 3, \"name\": \"x\"}"), STR("Tries: 3"));
	ck_assert_text(told("{\"host\": \"a\"}", NULL), STR("Host: a (gone)"));
	ck_assert_text(told("{\"name\": \"a\"}", "{\"name\": \"b\"}"), STR("Name: a -> b"));
	ck_assert_text(told(NULL, NULL), STR(""));
	ck_assert_text(told("[1]", "[2, {}]"), STR("Content: [1] -> [2, {}]"));
	ck_assert_text(told(NULL, "{\"may\": [\"read\", \"run\", [1]], \"none\": []}"),
		       STR("May: read, run, [1]; None: nothing"));
	ck_assert_text(told("{\"ends_at\": \"2026-12-06T03:35:27.298845Z\"}", NULL),
		       STR("Ends at: 6 December 2026, 03:35 UTC (gone)"));
	ck_assert_text(told("{\"a\": {\"b\": [1]}}", "{}"), STR("A: {\"b\":[1]} (gone)"));
}
END_TEST

START_TEST(nobodys_name_is_made_up)
{
	struct audit_line line = { .actor = { "01a20000-0000-7000-8000-000000000001" } };

	ck_assert_text(audit_actor(arena, &line), STR("Somebody of another account"));
	line.platform_name = STR("Olga");
	ck_assert_text(audit_actor(arena, &line), STR("Platform admin (Olga)"));
	line.actor_name = STR("Ann");
	ck_assert_text(audit_actor(arena, &line), STR("Ann"));
	line = (struct audit_line){ .address = STR("::1") };
	ck_assert_text(audit_actor(arena, &line), STR("Nobody signed in"));
	line.address = STR_NONE;
	ck_assert_text(audit_actor(arena, &line), STR("ResolutionFlow itself"));
}
END_TEST

START_TEST(an_object_is_called_and_linked)
{
	struct audit_line line = { .object = STR("redaction_pattern"),
				   .before = STR("{\"name\": \"Keys\"}") };

	ck_assert_text(audit_object(arena, &line), STR("Redaction pattern Keys"));
	ck_assert_text(audit_link(arena, &line, ROLE_TEAM_ADMIN), STR("/redaction"));
	line = (struct audit_line){ .object = STR("flow") };
	ck_assert_ptr_null(audit_link(arena, &line, ROLE_TEAM_ADMIN).p);
	line.object_id = (struct uuid){ "01a20000-0000-7000-8000-000000000001" };
	ck_assert_text(audit_link(arena, &line, ROLE_TEAM_ADMIN),
		       STR("/flows/01a20000-0000-7000-8000-000000000001"));
	ck_assert_ptr_null(audit_link(arena, &line, ROLE_SUPER_ADMIN).p);
	line.object = STR("handoff");
	ck_assert_text(audit_link(arena, &line, ROLE_TEAM_ADMIN),
		       STR("/escalations/01a20000-0000-7000-8000-000000000001"));
	ck_assert_ptr_null(audit_link(arena, &line, ROLE_SUPER_ADMIN).p);
	line.object = STR("what nobody knows");
	ck_assert_ptr_null(audit_link(arena, &line, ROLE_TEAM_ADMIN).p);
	ck_assert_text(audit_object(arena, &line), STR("What nobody knows"));
}
END_TEST

SUITE("audit/words", an_action_is_a_sentence_of_its_own, only_what_changed_is_told,
      nobodys_name_is_made_up, an_object_is_called_and_linked)
