#ifndef APP_COMMANDS_H
#define APP_COMMANDS_H

#include "kit/base/err.h"

struct arena;
struct call;
struct str;

/* What the rows of commands.c run; each is explained there. */
const struct err *ctl_migrate(struct call *call) must_check;
const struct err *ctl_install_roles(struct call *call) must_check;
const struct err *ctl_routes(struct call *call) must_check;
/* What `routes --nginx` prints. */
const struct err *ctl_pool_map(struct arena *a, struct str *ret) must_check;
const struct err *ctl_version(struct call *call) must_check;
const struct err *ctl_check(struct call *call) must_check;
const struct err *ctl_graph(struct call *call) must_check;
const struct err *ctl_seed_demo(struct call *call) must_check;
const struct err *ctl_admin_add(struct call *call) must_check;
const struct err *ctl_admin_list(struct call *call) must_check;
const struct err *ctl_admin_remove(struct call *call) must_check;
const struct err *ctl_password_reset(struct call *call) must_check;
const struct err *ctl_jobs_list(struct call *call) must_check;
const struct err *ctl_jobs_retry(struct call *call) must_check;
const struct err *ctl_jobs_drop(struct call *call) must_check;
const struct err *ctl_mail_list(struct call *call) must_check;
const struct err *ctl_mail_retry(struct call *call) must_check;
const struct err *ctl_calls_list(struct call *call) must_check;
const struct err *ctl_calls_retry(struct call *call) must_check;
const struct err *ctl_audit_verify(struct call *call) must_check;
const struct err *ctl_audit_heads(struct call *call) must_check;

const struct err *ctl_doctor(struct call *call) must_check;
const struct err *ctl_backup(struct call *call) must_check;
const struct err *ctl_backup_check(struct call *call) must_check;
const struct err *ctl_restore(struct call *call) must_check;
const struct err *ctl_reseal(struct call *call) must_check;

#endif
