/* Giving up what a worker never needs; see sandbox.h. */
#include "kit/http/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/base/arena.h"
#include "kit/base/buf.h"

#ifdef __SANITIZE_ADDRESS__
#define BUILT_IN false
#else
#define BUILT_IN true
#endif

/* Denied whatever their arguments.  What this kernel or machine does not have is passed over. */
static const char *const denied[] = {
	/* programs and processes */
	"execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev",
	"kcmp", "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "kill", "tkill",
	"rt_sigqueueinfo", "rt_tgsigqueueinfo",
	/* files */
	"creat", "truncate", "unlink", "unlinkat", "rename", "renameat", "renameat2", "link",
	"linkat", "symlink", "symlinkat", "mkdir", "mkdirat", "rmdir", "mknod", "mknodat", "chmod",
	"fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat", "setxattr", "lsetxattr",
	"fsetxattr", "removexattr", "lremovexattr", "fremovexattr", "utime", "utimes", "futimesat",
	"utimensat", "open_by_handle_at", "memfd_create",
	/* the file tree */
	"mount", "umount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen",
	"fsconfig", "fsmount", "fspick", "mount_setattr", "unshare", "setns", "swapon", "swapoff",
	"quotactl", "acct",
	/* rights */
	"setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups",
	"setfsuid", "setfsgid", "capset", "add_key", "request_key", "keyctl", "personality",
	/* the kernel; io_uring would open and connect past this list */
	"bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter",
	"io_uring_register", "init_module", "finit_module", "delete_module", "kexec_load",
	"kexec_file_load", "reboot", "iopl", "ioperm", "modify_ldt", "settimeofday",
	"clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname", "syslog",
	"vhangup", "lookup_dcookie", "nfsservctl", "uselib",
	/* a door of one's own */
	"bind", "listen"
};

/* As denied, but "no such call": libraries then fall back to the call that can be filtered by its
 * arguments. */
static const char *const hidden[] = { "clone3", "openat2" };

#define FCHMODAT2 452 /* the same number everywhere; libseccomp 2.5.4 has no name for it yet */

static int deny(scmp_filter_ctx filter, int call)
{
	return call < 0 ? 0 : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0);
}

static int deny_if(scmp_filter_ctx filter, int call, struct scmp_arg_cmp when)
{
	return call < 0 ? 0 : seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), call, 1, &when);
}

/* Opening with any sign of writing. */
static int deny_writing(scmp_filter_ctx filter, int call, unsigned flags_at)
{
	static const struct {
		unsigned mask, value;
	} signs[] = { { O_ACCMODE, O_WRONLY },
		      { O_ACCMODE, O_RDWR },
		      { O_ACCMODE, O_ACCMODE },
		      { O_CREAT, O_CREAT },
		      { O_TRUNC, O_TRUNC } };
	int failed = 0;

	for (size_t at = 0; at < sizeof(signs) / sizeof(signs[0]); at++)
		failed |= deny_if(
			filter, call,
			SCMP_CMP(flags_at, SCMP_CMP_MASKED_EQ, signs[at].mask, signs[at].value));
	return failed;
}

/* Of all families UNIX (1), IPv4 (2) and IPv6 (10) remain. */
static int deny_families(scmp_filter_ctx filter)
{
	int failed = deny_if(filter, SCMP_SYS(socket), SCMP_A0(SCMP_CMP_GT, AF_INET6));

	for (unsigned family = 0; family < AF_INET6; family++)
		if (family != AF_UNIX && family != AF_INET)
			failed |= deny_if(filter, SCMP_SYS(socket), SCMP_A0(SCMP_CMP_EQ, family));
	return failed;
}

static int fill(scmp_filter_ctx filter)
{
	int failed = 0;

	for (size_t at = 0; at < sizeof(denied) / sizeof(denied[0]); at++)
		failed |= deny(filter, seccomp_syscall_resolve_name(denied[at]));
	for (size_t at = 0; at < sizeof(hidden) / sizeof(hidden[0]); at++)
		failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
					   seccomp_syscall_resolve_name(hidden[at]), 0);
	failed |= deny(filter, FCHMODAT2);
	failed |= deny_writing(filter, SCMP_SYS(open), 1);
	failed |= deny_writing(filter, SCMP_SYS(openat), 2);
	failed |= deny_families(filter);
	/* Threads may be; and a program may end itself, as abort does. */
	failed |= deny_if(filter, SCMP_SYS(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
	failed |= deny_if(filter, SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)getpid()));
	return failed;
}

static int load_filter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int failed;

	if (!filter)
		return -ENOMEM;
	failed = fill(filter);
	if (!failed)
		failed = seccomp_load(filter);
	seccomp_release(filter);
	return failed;
}

static int limit(__rlimit_resource_t what, rlim_t most)
{
	struct rlimit now;

	if (getrlimit(what, &now) != 0)
		return -1;
	if (now.rlim_max < most)
		most = now.rlim_max;
	return setrlimit(what, &(struct rlimit){ most, most });
}

bool sandbox_built_in(void)
{
	return BUILT_IN;
}

const struct err *sandbox_enter(struct arena *a, const struct sandbox *limits)
{
	int failed;

	if (!BUILT_IN)
		return NULL;
	if (limit(RLIMIT_CORE, 0) || (limits->memory && limit(RLIMIT_AS, limits->memory)) ||
	    (limits->files && limit(RLIMIT_NOFILE, (rlim_t)limits->files)))
		return ERR(a, ERR_INTERNAL, "cannot set a limit: %s", strerror(errno));
	if (prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) || prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L))
		return ERR(a, ERR_INTERNAL, "prctl: %s", strerror(errno));
	failed = load_filter();
	if (failed)
		return ERR(a, ERR_INTERNAL, "the filter of system calls does not load: %d", failed);
	return NULL;
}

/* ---- the self-test */

struct attempt {
	const char *name;
	long call;
	long args[5];
};

static long place(const void *p)
{
	return (long)(intptr_t)p;
}

/* Made in such a way that, where it is allowed, it fails for another reason or changes nothing. */
static bool is_allowed(const struct attempt *t)
{
	long got = syscall(t->call, t->args[0], t->args[1], t->args[2], t->args[3], t->args[4]);

	if (got < 0)
		return errno != EPERM && errno != ENOSYS;
	if (strcmp(t->name, "fork") == 0) {
		if (got == 0)
			_exit(0);
		waitpid((pid_t)got, NULL, 0);
	} else if (strncmp(t->name, "socket", 6) == 0) {
		close((int)got);
	}
	return true;
}

static void try_states(struct buf *out)
{
	struct rlimit core;

	if (prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) != 1)
		buf_put(out, STR(" new_privileges"));
	if (prctl(PR_GET_DUMPABLE, 0L, 0L, 0L, 0L) != 0)
		buf_put(out, STR(" dumps"));
	if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0)
		buf_put(out, STR(" core_files"));
}

struct str sandbox_selftest(struct arena *a)
{
	const long nothing = place(""), here = AT_FDCWD;
	const struct attempt attempts[] = {
		{ "execve", SYS_execve, { nothing, 0, 0 } },
		{ "execveat", SYS_execveat, { here, nothing, 0, 0, 0 } },
#ifdef SYS_fork
		{ "fork", SYS_fork, { 0 } },
		{ "open", SYS_open, { nothing, O_WRONLY } },
		{ "creat", SYS_creat, { nothing, 0 } },
		{ "unlink", SYS_unlink, { nothing } },
		{ "rename", SYS_rename, { nothing, nothing } },
		{ "chmod", SYS_chmod, { nothing, 0 } },
		{ "chown", SYS_chown, { nothing, 0, 0 } },
#endif
		{ "clone",
		  SYS_clone,
		  { CLONE_SIGHAND, 0, 0, 0, 0 } }, /* without CLONE_VM: EINVAL */
		{ "clone3", SYS_clone3, { 0, 0 } },
		{ "ptrace", SYS_ptrace, { 2, 0, 0, 0 } }, /* PEEKDATA of no process */
		{ "kill", SYS_kill, { getpid(), 0 } },
		{ "open_to_write", SYS_openat, { here, nothing, O_WRONLY, 0 } },
		{ "open_to_change", SYS_openat, { here, nothing, O_RDWR, 0 } },
		{ "open_to_create", SYS_openat, { here, nothing, O_CREAT, 0 } },
		{ "openat2", SYS_openat2, { here, nothing, 0, 0 } },
		{ "unlinkat", SYS_unlinkat, { here, nothing, 0 } },
		{ "renameat2", SYS_renameat2, { here, nothing, here, nothing, 0 } },
		{ "fchmodat", SYS_fchmodat, { here, nothing, 0 } },
		{ "fchmodat2", FCHMODAT2, { here, nothing, 0, 0 } },
		{ "fchownat", SYS_fchownat, { here, nothing, 0, 0, 0 } },
		{ "mount", SYS_mount, { 0, 0, 0, 0, 0 } },
		{ "umount", SYS_umount2, { nothing, 0 } },
		{ "setuid", SYS_setuid, { -1 } },
		{ "setresuid", SYS_setresuid, { -1, -1, -1 } },
		{ "setgroups", SYS_setgroups, { -1, 0 } },
		{ "bpf", SYS_bpf, { -1, 0, 0 } },
		{ "io_uring", SYS_io_uring_setup, { 0, 0 } },
		{ "init_module", SYS_init_module, { 0, 0, 0 } },
		{ "kexec", SYS_kexec_load, { 0, 0, 0, -1 } },
		{ "socket_netlink", SYS_socket, { AF_NETLINK, SOCK_RAW, 0 } },
		{ "socket_packet", SYS_socket, { AF_PACKET, SOCK_RAW, 0 } },
		{ "socket_vsock", SYS_socket, { AF_VSOCK, SOCK_STREAM, 0 } },
		{ "listen", SYS_listen, { -1, 1 } },
	};
	struct buf out = buf_new(a, 4096);

	for (size_t at = 0; at < sizeof(attempts) / sizeof(attempts[0]); at++)
		if (is_allowed(&attempts[at]))
			buf_printf(&out, " %s", attempts[at].name);
	try_states(&out);
	return str_skip(buf_str(&out), 1);
}
