/* SPDX-License-Identifier: Apache-2.0 */
#include "node/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#ifdef OUR_ARCH

/* ---- which calls, and who keeps them ---- */

enum {
    S = 1 << TC_SECCOMP_SERVE,
    K = 1 << TC_SECCOMP_KEEP,
    F = 1 << TC_SECCOMP_FETCH,
    G = 1 << TC_SECCOMP_SIGN
};
#define ALL (S | K | F)

/* What its arguments must be. */
enum how {
    ANY,
    OWN_PROCESS,   /* the first is this process */
    ZERO,          /* the first is 0: this process */
    ZERO_TWO,      /* the first two are 0: this thread's nice value */
    THREAD,        /* clone: another thread, no process */
    LISTENING,     /* socket: TCP, or a stream of AF_UNIX */
    ASKING,        /* socket: TCP, UDP, AF_UNIX, netlink (getaddrinfo asks for addresses by it) */
    LOCAL,         /* socketpair: AF_UNIX */
    NO_ADDRESS,    /* sendto: neither an address nor MSG_FASTOPEN, which would connect */
    NO_CONNECTING, /* sendmsg: not MSG_FASTOPEN */
    READ_AT,       /* openat: for reading */
    READ,          /* open: for reading */
    NOT_BOTH,      /* mmap: not writable and executable */
    NOT_CODE,      /* mprotect, mmap: not executable */
    TERMINAL,      /* ioctl: what stdio and sockets ask, nothing that types into a terminal */
};

struct rule {
    int nr;
    unsigned who;
    enum how how;
};

#define KEEP(name, who)         {SYS_##name, (who), ANY},
#define KEEP_IF(name, who, how) {SYS_##name, (who), (how)},
#define KEEP_NUMBER(nr, who)    {(nr), (who), ANY},
#define REFUSE(name)

#if SANITIZED
static const struct rule spared[] = {/* before the others */
                                     KEEP(clone, S | F) KEEP(ptrace, ALL) KEEP(wait4, F)
                                         KEEP(tgkill, S | F) KEEP(kill, ALL) KEEP(personality, ALL)
                                             KEEP(process_vm_readv, ALL) KEEP(mprotect, ALL)
                                                 KEEP(mmap, ALL) KEEP(openat, F)};
#else /* none; an array has at least one row */
static const struct rule spared[] = {KEEP(read, ALL)};
#endif

static const struct rule kept[] = {
#include "node/seccomp.def"
};

#undef KEEP
#undef KEEP_IF
#undef KEEP_NUMBER
#undef REFUSE
#define KEEP(name, who)
#define KEEP_IF(name, who, how)
#define KEEP_NUMBER(nr, who)
#define REFUSE(name) SYS_##name,

static const int refused[] = {
#include "node/seccomp.def"
};

/* ---- the filter that is made of them ---- */

#define MAX_STEPS 1600

struct program {
    struct sock_filter step[MAX_STEPS];
    unsigned short n;
    bool full;
    uint32_t no; /* what a refused call gets */
};

static void put(struct program *p, uint16_t code, uint8_t yes, uint8_t no, uint32_t k)
{
    if (p->n == MAX_STEPS)
        p->full = true;
    else
        p->step[p->n++] = (struct sock_filter){code, yes, no, k};
}

static void answer(struct program *p, uint32_t what)
{
    put(p, BPF_RET | BPF_K, 0, 0, what);
}

static void load(struct program *p, uint32_t offset)
{
    put(p, BPF_LD | BPF_W | BPF_ABS, 0, 0, offset);
}

/* The low half of an argument, on little-endian machines, which both of ours are. */
static void load_arg(struct program *p, unsigned i)
{
    load(p, (uint32_t)offsetof(struct seccomp_data, args) + 8 * i);
}

static void unless_is(struct program *p, uint32_t value)
{
    put(p, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, value);
    answer(p, p->no);
}

static void refuse_bits(struct program *p, uint32_t bits)
{
    put(p, BPF_JMP | BPF_JSET | BPF_K, 0, 1, bits);
    answer(p, p->no);
}

/* The argument in hand is one of n, or it is refused. */
static void unless_among(struct program *p, const uint32_t *values, uint8_t n)
{
    for (uint8_t i = 0; i < n; i++)
        put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint8_t)(n - i), 0, values[i]);
    answer(p, p->no);
}

static void type_among(struct program *p, const uint32_t *types, uint8_t n)
{
    load_arg(p, 1);
    put(p, BPF_ALU | BPF_AND | BPF_K, 0, 0, 0xf); /* without SOCK_CLOEXEC, SOCK_NONBLOCK */
    unless_among(p, types, n);
}

static void listening(struct program *p)
{
    static const uint32_t domains[] = {AF_INET, AF_INET6, AF_UNIX}, types[] = {SOCK_STREAM};
    static const uint32_t protocols[] = {0, 6 /* TCP: SCTP and MPTCP have ways of their own */};
    load_arg(p, 0);
    unless_among(p, domains, 3);
    type_among(p, types, 1);
    load_arg(p, 2);
    unless_among(p, protocols, 2);
}

static void asking(struct program *p)
{
    static const uint32_t domains[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK};
    static const uint32_t types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW /* of netlink */};
    static const uint32_t protocols[] = {0, 6, 17};
    load_arg(p, 0);
    unless_among(p, domains, 4);
    type_among(p, types, 3);
    load_arg(p, 2);
    unless_among(p, protocols, 3);
    /* a raw socket of the internet protocols, which has protocol 0 or a number of its own */
    load_arg(p, 1);
    put(p, BPF_ALU | BPF_AND | BPF_K, 0, 0, 0xf);
    put(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 3, SOCK_RAW);
    load_arg(p, 0);
    unless_is(p, AF_NETLINK);
}

static void local(struct program *p)
{
    static const uint32_t types[] = {SOCK_STREAM, SOCK_SEQPACKET};
    load_arg(p, 0);
    unless_is(p, AF_UNIX);
    type_among(p, types, 2);
}

static void no_address(struct program *p)
{
    load_arg(p, 3);
    refuse_bits(p, MSG_FASTOPEN);
    load_arg(p, 4);
    unless_is(p, 0);
    load(p, (uint32_t)offsetof(struct seccomp_data, args) + 8 * 4 + 4); /* its high half */
    unless_is(p, 0);
}

static void not_both(struct program *p)
{
    load_arg(p, 2);
    put(p, BPF_ALU | BPF_AND | BPF_K, 0, 0, PROT_WRITE | PROT_EXEC);
    put(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, PROT_WRITE | PROT_EXEC);
    answer(p, p->no);
}

static void check(struct program *p, enum how how)
{
    static const uint32_t asked_of_files[] = {0x5401 /* TCGETS */,
                                              0x802c542a /* TCGETS2 */,
                                              0x5413 /* TIOCGWINSZ */,
                                              0x541b /* FIONREAD */,
                                              0x5421 /* FIONBIO */,
                                              0x5450 /* FIONCLEX */,
                                              0x5451 /* FIOCLEX */};
    const uint32_t writing = O_ACCMODE | O_CREAT | O_TRUNC;
    switch (how) {
    case ANY:
        break;
    case OWN_PROCESS:
        load_arg(p, 0), unless_is(p, (uint32_t)getpid());
        break;
    case ZERO:
        load_arg(p, 0), unless_is(p, 0);
        break;
    case ZERO_TWO:
        load_arg(p, 0), unless_is(p, 0), load_arg(p, 1), unless_is(p, 0);
        break;
    case THREAD:
        load_arg(p, 0);
        put(p, BPF_JMP | BPF_JSET | BPF_K, 1, 0, CLONE_THREAD);
        answer(p, p->no);
        break;
    case LISTENING:
        listening(p);
        break;
    case ASKING:
        asking(p);
        break;
    case LOCAL:
        local(p);
        break;
    case NO_ADDRESS:
        no_address(p);
        break;
    case NO_CONNECTING:
        load_arg(p, 2), refuse_bits(p, MSG_FASTOPEN);
        break;
    case READ_AT:
        load_arg(p, 2), refuse_bits(p, writing);
        break;
    case READ:
        load_arg(p, 1), refuse_bits(p, writing);
        break;
    case NOT_BOTH:
        not_both(p);
        break;
    case NOT_CODE:
        load_arg(p, 2), refuse_bits(p, PROT_EXEC);
        break;
    case TERMINAL:
        load_arg(p, 1), unless_among(p, asked_of_files, 7);
        break;
    }
}

/* "If it is this call: what it must be, then yes." */
static void put_rule(struct program *p, const struct rule *r)
{
    unsigned short at = p->n;
    put(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, (uint32_t)r->nr);
    check(p, r->how);
    answer(p, SECCOMP_RET_ALLOW);
    if (!p->full)
        p->step[at].jf = (uint8_t)(p->n - at - 1);
}

static void build(struct program *p, enum tc_seccomp_of of)
{
    load(p, (uint32_t)offsetof(struct seccomp_data, arch));
    put(p, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, OUR_ARCH);
    answer(p, SECCOMP_RET_KILL_PROCESS);
    load(p, (uint32_t)offsetof(struct seccomp_data, nr));
#if defined(__x86_64__)
    put(p, BPF_JMP | BPF_JGE | BPF_K, 0, 1, 0x40000000u); /* the x32 numbers */
    answer(p, p->no);
#endif
    for (size_t i = 0; i < sizeof spared / sizeof spared[0]; i++)
        if (spared[i].who & 1u << of)
            put_rule(p, &spared[i]);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (kept[i].who & 1u << of)
            put_rule(p, &kept[i]);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        put(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)refused[i]);
        answer(p, p->no);
    }
    answer(p, of == TC_SECCOMP_SIGN ? SECCOMP_RET_KILL_PROCESS : SECCOMP_RET_ERRNO | ENOSYS);
}

bool tc_seccomp(enum tc_seccomp_of of)
{
    static struct program p; /* 13 KiB */
    if (SANITIZED && of == TC_SECCOMP_SIGN)
        return true;
    p.n = 0;
    p.no = of == TC_SECCOMP_SIGN ? SECCOMP_RET_KILL_PROCESS : SECCOMP_RET_ERRNO | EPERM;
    build(&p, of);
    const struct sock_fprog program = {.len = p.n, .filter = p.step};
    return !p.full && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

#else

bool tc_seccomp(enum tc_seccomp_of of)
{
    (void)of;
    return false;
}

#endif
