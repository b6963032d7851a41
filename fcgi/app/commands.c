/* All that `resolutionflow` can be told to do, a row each; the manual page has the same in the same
 * order. */
#include "app/commands.h"

#include "app/ctl.h"
#include "app/main.h"

const struct command commands[] = {
	{ "worker", "",
	  "Serves pages and the API on RUN_DIR/worker.sock and RUN_DIR/password.sock, until "
	  "SIGTERM.",
	  .program = worker_main },
	{ "hub", "",
	  "Holds event streams on RUN_DIR/hub.sock, until SIGTERM. One more beside it is hub-2, on "
	  "hub-2.sock.",
	  .program = hub_main },
	{ "jobs", "",
	  "Sends mail, calls webhooks, runs what was put off and keeps house, until SIGTERM. Any "
	  "number may run.",
	  .program = jobs_main },
	{ "migrate", "",
	  "Brings the database to this version's schema. Run it before the new workers start; "
	  "where there is nothing to do, it does nothing.",
	  .run = ctl_migrate },
	{ "install-roles", "[ROLE]",
	  "Prints the SQL by which the database's administrator makes the roles, once. ROLE is the "
	  "one that DATABASE_URL signs in as, where that is not the administrator.",
	  .run = ctl_install_roles, .bare = true },
	{ "admin add", "EMAIL NAME [--account ACCOUNT] [--password-stdin]",
	  "Makes a super_admin, who looks after the platform, and prints a link that is good for "
	  "one day and once, to choose a password by. With --password-stdin the password is the "
	  "first line of the input instead. All super_admins are in one account of their own, made "
	  "on first use and named ACCOUNT, or Platform. Who is one already stays as they are; who "
	  "was removed comes back.",
	  .run = ctl_admin_add },
	{ "admin list", "[--json]", "Lists the super_admins, also those that were removed.",
	  .run = ctl_admin_list },
	{ "admin remove", "EMAIL",
	  "Takes a super_admin's access away, at once and on every device. The last one stays.",
	  .run = ctl_admin_remove },
	{ "password reset", "EMAIL [--second-factor]",
	  "Takes a person's password away, signs out their devices, and prints a link that is good "
	  "for one day and once, to choose a new one by. With --second-factor their authenticator "
	  "app and recovery codes go, too. The person is told by mail.",
	  .run = ctl_password_reset },
	{ "jobs list", "[--state STATE] [--kind KIND] [--account ID] [--json]",
	  "Lists what was put off, of all accounts, newest first, at most 1000. STATE is queued, "
	  "running, done or dead: one that failed too often.",
	  .run = ctl_jobs_list },
	{ "jobs retry", "ID|all [--kind KIND] [--account ID]",
	  "Queues a dead job again, or all of them. One stays dead where another of its key waits "
	  "already, for that does the same work.",
	  .run = ctl_jobs_retry },
	{ "jobs drop", "ID", "Deletes a job that waits or is dead. What it was for is not done.",
	  .run = ctl_jobs_drop },
	{ "mail list", "[--state STATE] [--json]",
	  "Lists mails of all accounts, newest first, at most 1000. STATE is queued, sending, "
	  "sent, failed or skipped.",
	  .run = ctl_mail_list },
	{ "mail retry", "ID|all", "Sends again what failed.", .run = ctl_mail_retry },
	{ "calls list", "[--state STATE] [--account ID] [--json]",
	  "Lists calls to webhooks, of all accounts, newest first, at most 1000. STATE is queued, "
	  "sending, sent, failed: one that failed too often, or skipped.",
	  .run = ctl_calls_list },
	{ "calls retry", "ID|all [--account ID]",
	  "Queues a failed call again, or all of them, but for those to an endpoint that is "
	  "switched "
	  "off.",
	  .run = ctl_calls_retry },
	{ "audit verify", "[ACCOUNT] [--heads FILE]",
	  "Checks the seals of the audit log, of the account with that id or of all: names what "
	  "was changed, removed, moved or slipped in, and exits with 1 where there is any. With "
	  "--heads it also compares with what audit heads has printed before.",
	  .run = ctl_audit_verify },
	{ "audit heads", "",
	  "Prints where the log of each account ends. Keep it on another machine: an end that was "
	  "cut off shows by it.",
	  .run = ctl_audit_heads },
	{ "backup", "DIR [--keep COUNT]",
	  "Makes a backup of all data as they are at this moment, while the product runs, in a "
	  "folder of its own in DIR: resolutionflow-TIME, which appears when it is whole. It holds "
	  "database.dump, which pg_dump wrote, and manifest.json, which says what is in it. With "
	  "--keep only the newest COUNT stay. MASTER_SECRET is not in it: keep it in another "
	  "place, "
	  "for without it what is sealed stays closed.",
	  .run = ctl_backup },
	{ "backup check", "PATH",
	  "Says whether the files of one backup are whole, and what it is of.",
	  .run = ctl_backup_check, .bare = true },
	{ "restore", "PATH [--other-secret]",
	  "Puts one backup into DATABASE_URL's database, which must be empty and have the roles "
	  "(install-roles), in one transaction, and compares each table with the backup. It "
	  "refuses one that is damaged, of a newer version, or of another MASTER_SECRET, which "
	  "--other-secret allows. Start the programs afterwards.",
	  .run = ctl_restore },
	{ "reseal", "[--json]",
	  "After a change of MASTER_SECRET, when all programs run with it and with the one before "
	  "as "
	  "MASTER_SECRET_PREVIOUS: seals anew what rows hold sealed by that one, while the product "
	  "runs, and says of each sort how many, how many were already, and how many open by "
	  "neither. "
	  "Then says when MASTER_SECRET_PREVIOUS may go. Exit status: 1 where something does not "
	  "open.",
	  .run = ctl_reseal },
	{ "doctor", "[--mail] [--nginx DIR] [--backups DIR] [--json]",
	  "Looks at the whole installation and says of each thing whether it is well, and what to "
	  "do "
	  "where it is not: settings, the database's roles, walls and settings, the programs, what "
	  "waits or has failed, what is sealed, disk, clock, nginx and its certificate, the age of "
	  "the newest backup. With --mail it "
	  "greets the mail server, too. --nginx names where the parts of nginx's site are, else "
	  "/etc/nginx/resolutionflow, and --backups where backups are made, else "
	  "/var/lib/resolutionflow/backup. Exit status: 0, all is well; 1, warnings; 2, something "
	  "is broken.",
	  .run = ctl_doctor, .lenient = true, .rooted = true },
	{ "version", "",
	  "Says which version this is, of which commit where that was known when it was built, "
	  "and, "
	  "where a database is set, which schema it needs and which the database has. Exit status: "
	  "1 "
	  "where they do not fit, or the database can't be asked.",
	  .run = ctl_version, .lenient = true },
	{ "check", "",
	  "Says whether a worker could serve: loads every template, prepares every statement, "
	  "compares the schema, and names the first that does not fit.",
	  .run = ctl_check },
	{ "routes", "[--nginx]",
	  "Lists every route with who may call it. With --nginx it prints nginx's map of routes to "
	  "the sockets.",
	  .run = ctl_routes, .bare = true },
	{ "graph", "",
	  "Prints what a hand-off can be, and what leads from one state to another, for Graphviz.",
	  .run = ctl_graph, .bare = true },
	{ "seed-demo", "", "Makes the demo accounts, once, and prints their sign-ins.",
	  .run = ctl_seed_demo },
	{ 0 },
};
