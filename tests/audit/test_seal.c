/* What is hashed of an entry, a seal and a head: every member counts, and no two things are written
 * alike. */
#include "audit/seal.h"

#include <string.h>

#include "support/suite.h"

static const uint8_t key[CRYPTO_KEY] = "a key of thirty-two bytes, this";

#define ID(digit)                                                                                  \
	{                                                                                          \
		"01a20000-0000-7000-8000-00000000000" digit                                        \
	}

static struct audit_entry entry(void)
{
	return (struct audit_entry){ .account = ID("1"),
				     .id = ID("2"),
				     .at = { 1700000000000001 },
				     .there = true,
				     .actor = ID("3"),
				     .action = STR("flow.published"),
				     .object = STR("flow"),
				     .object_id = ID("4"),
				     .before = STR("{}"),
				     .after = STR("{\"a\": 1}"),
				     .address = STR("::1"),
				     .agent = STR("x"),
				     .request_id = STR("r") };
}

static struct audit_seal seal(void)
{
	return (struct audit_seal){ .account = ID("1"),
				    .seq = 7,
				    .entry = ID("2"),
				    .entry_at = { 5 },
				    .since = { 4 },
				    .sealed_at = { 6 },
				    .previous = STR("p"),
				    .entry_mac = STR("e") };
}

static struct audit_head head(void)
{
	return (struct audit_head){ .account = ID("1"),
				    .seq = 7,
				    .mac = STR("m"),
				    .retired_seq = 3,
				    .retired_mac = STR("r"),
				    .retired_before = { 9 } };
}

#define DIFFERS(make, type, mac, change)                                                           \
	do {                                                                                       \
		struct type was = make(), now = was;                                               \
		now change;                                                                        \
		ck_assert_msg(!str_eq(mac(arena, key, &was), mac(arena, key, &now)), "%s",         \
			      #change);                                                            \
	} while (0)
#define ENTRY(change) DIFFERS(entry, audit_entry, audit_entry_mac, change)
#define SEAL(change)  DIFFERS(seal, audit_seal, audit_seal_mac, change)
#define HEAD(change)  DIFFERS(head, audit_head, audit_head_sign, change)

START_TEST(every_column_of_an_entry_counts)
{
	ENTRY(.account = (struct uuid)ID("9"));
	ENTRY(.id = (struct uuid)ID("9"));
	ENTRY(.at.us += 1);
	ENTRY(.there = false);
	ENTRY(.actor = (struct uuid)ID("9"));
	ENTRY(.actor = UUID_NONE);
	ENTRY(.action = STR("flow.deleted"));
	ENTRY(.object = STR("flows"));
	ENTRY(.object_id = UUID_NONE);
	ENTRY(.before = STR_NONE);
	ENTRY(.after = STR("{\"a\": 2}"));
	ENTRY(.address = STR(""));
	ENTRY(.agent = STR_NONE);
	ENTRY(.request_id = STR("R"));
}
END_TEST

START_TEST(an_empty_text_is_not_none_and_no_field_flows_into_the_next)
{
	struct audit_entry a = entry(), b = entry();

	a.address = STR("");
	b.address = STR_NONE;
	ck_assert(!str_eq(audit_entry_mac(arena, key, &a), audit_entry_mac(arena, key, &b)));
	a.address = STR("ab");
	a.agent = STR("c");
	b.address = STR("a");
	b.agent = STR("bc");
	ck_assert(!str_eq(audit_entry_mac(arena, key, &a), audit_entry_mac(arena, key, &b)));
	a.address = STR("a,1:b");
	a.agent = STR_NONE;
	b.address = STR("a");
	b.agent = STR("b");
	ck_assert(!str_eq(audit_entry_mac(arena, key, &a), audit_entry_mac(arena, key, &b)));
}
END_TEST

START_TEST(every_member_of_a_seal_and_of_a_head_counts)
{
	SEAL(.account = (struct uuid)ID("9"));
	SEAL(.seq++);
	SEAL(.entry = (struct uuid)ID("9"));
	SEAL(.entry_at.us++);
	SEAL(.since.us++);
	SEAL(.sealed_at.us++);
	SEAL(.previous = STR("q"));
	SEAL(.entry_mac = STR("f"));
	HEAD(.account = (struct uuid)ID("9"));
	HEAD(.seq++);
	HEAD(.mac = STR("n"));
	HEAD(.retired_seq++);
	HEAD(.retired_mac = STR("s"));
	HEAD(.retired_before.us++);
}
END_TEST

/* What was sealed must hold for years: these never change. */
START_TEST(the_forms_stay_as_they_are)
{
	struct audit_entry e = entry();
	struct audit_seal s = seal();
	struct audit_head h = head();

	ck_assert_text(audit_entry_mac(arena, key, &e),
		       STR("QtNyK9Gz3limLj_AUqGukje2DNURxINH6c8uFk-qlwA"));
	ck_assert_text(audit_seal_mac(arena, key, &s),
		       STR("dY5KI_GibBPjwAyL4YGyoQAw1nfhj9pBZi4o8UU-J4A"));
	ck_assert_text(audit_head_sign(arena, key, &h),
		       STR("1w_vX76wmPIEzgzYjlJtFA6NgvBT3nLUwodX6SWlC6Y"));
}
END_TEST

START_TEST(a_key_is_found_by_its_id_the_previous_one_too)
{
	struct settings s = { 0 };
	uint8_t other[CRYPTO_KEY] = { 3 };

	memset(s.keys.audit, 1, CRYPTO_KEY);
	memset(s.keys.audit_previous, 2, CRYPTO_KEY);
	ck_assert_ptr_eq(audit_key(arena, &s, audit_key_id(arena, s.keys.audit)), s.keys.audit);
	ck_assert_ptr_eq(audit_key(arena, &s, audit_key_id(arena, s.keys.audit_previous)),
			 s.keys.audit_previous);
	ck_assert_ptr_null(audit_key(arena, &s, audit_key_id(arena, other)));
	ck_assert_uint_eq(audit_key_id(arena, other).n, 8);
}
END_TEST

SUITE("audit/seal", every_column_of_an_entry_counts,
      an_empty_text_is_not_none_and_no_field_flows_into_the_next,
      every_member_of_a_seal_and_of_a_head_counts, the_forms_stay_as_they_are,
      a_key_is_found_by_its_id_the_previous_one_too)
