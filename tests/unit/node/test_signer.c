/* SPDX-License-Identifier: Apache-2.0 */
/* The signing process: what it signs, what it never signs, and how it ends. */
#include "node/node.h"
#include "node/signer_work.h"

#include <ftw.h>
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct fix {
    char root[64], dir[96], pem[96];
    struct tc_diag d;
};

static const struct tc_org grid = {.name = {"Grid authority", 14}, .country = {"NL", 2}};

static int setup(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    (void)snprintf(f->root, sizeof f->root, "/tmp/tocsin-signer-XXXXXX");
    assert_non_null(mkdtemp(f->root));
    (void)snprintf(f->dir, sizeof f->dir, "%s/node", f->root);
    (void)snprintf(f->pem, sizeof f->pem, "%s/key.pem", f->root);
    tc_diag_init(&f->d);
    assert_int_equal(tc_node_init(f->dir, "Test node", &grid, &f->d), TC_OK);
    *state = f;
    return 0;
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static int teardown(void **state)
{
    struct fix *f = *state;
    (void)nftw(f->root, drop, 16, FTW_DEPTH | FTW_PHYS);
    free(f);
    return 0;
}

static struct tc_audit_head head(const char *origin, uint64_t size, uint8_t root)
{
    struct tc_audit_head h = {.size = size};
    assert_true(tc_str_copy(tc_str_cstr(origin), h.origin, sizeof h.origin));
    memset(h.root.b, root, sizeof h.root.b);
    return h;
}

static void test_checkpoints_only_grow(void **state)
{
    struct fix *f = *state;
    struct tc_signer *s = NULL;
    struct tc_audit_head h, read;
    char note[TC_AUDIT_NOTE];
    uint8_t sig[64];
    assert_int_equal(tc_signer_start(f->dir, NULL, &s, &f->d), TC_OK);
    const struct tc_signer_info *i = tc_signer_info(s);
    h = head(i->origin, 7, 1);
    assert_int_equal(tc_signer_checkpoint(s, &h, sig), TC_OK);
    tc_audit_note_seal(&h, i->audit, sig, note);
    assert_int_equal(tc_audit_note_read(tc_str_cstr(note), i->origin, i->audit, &read), TC_OK);
    assert_int_equal(read.size, 7);
    assert_int_equal(tc_signer_checkpoint(s, &h, sig), TC_OK); /* the same again */
    h = head(i->origin, 7, 2);
    assert_int_equal(tc_signer_checkpoint(s, &h, sig), TC_E_CONFLICT);
    h = head(i->origin, 6, 1);
    assert_int_equal(tc_signer_checkpoint(s, &h, sig), TC_E_CONFLICT);
    h = head(i->origin, 8, 3);
    assert_int_equal(tc_signer_checkpoint(s, &h, sig), TC_OK);
    h = head(i->origin, 7, 1);
    assert_int_equal(tc_signer_checkpoint(s, &h, sig), TC_E_CONFLICT);
    h = head(i->origin, TC_MERKLE_MAX + 1, 1);
    assert_int_equal(tc_signer_checkpoint(s, &h, sig), TC_E_CONFLICT);
    assert_true(tc_signer_lives(s));
    tc_signer_stop(s);
}

/* A node's log under a signer, which is then started anew. */
static void test_it_remembers_what_was_signed(void **state)
{
    struct fix *f = *state;
    struct tc_signer *s = NULL;
    struct tc_node *n = NULL;
    char note[TC_AUDIT_NOTE];
    uint8_t sig[64];
    const struct tc_audit_event e = {.kind = TC_AUDIT_CONSULTATION, .how = TC_STR("a test")};
    assert_int_equal(tc_signer_start(f->dir, NULL, &s, &f->d), TC_OK);
    assert_int_equal(tc_node_open_signed(f->dir, s, &n, &f->d), TC_OK);
    for (int i = 0; i < 5; i++)
        assert_int_equal(tc_audit_must(n->audit, &e), TC_OK);
    assert_int_equal(tc_audit_publish(n->audit, note), TC_OK);
    tc_node_close(n);
    tc_signer_stop(s);
    assert_int_equal(tc_signer_start(f->dir, NULL, &s, &f->d), TC_OK);
    struct tc_audit_head h = head("", 4, 9);
    assert_int_equal(tc_signer_checkpoint(s, &h, sig), TC_E_CONFLICT);
    h.size = 5;
    assert_int_equal(tc_signer_checkpoint(s, &h, sig), TC_E_CONFLICT); /* another root */
    h.size = 6;
    assert_int_equal(tc_signer_checkpoint(s, &h, sig), TC_OK);
    tc_signer_stop(s);
    /* a checkpoint that does not hold: nothing is signed until somebody has looked */
    char path[128];
    (void)snprintf(path, sizeof path, "%s/audit/checkpoint", f->dir);
    FILE *c = fopen(path, "r+");
    assert_non_null(c);
    assert_int_equal(fputc('X', c), 'X');
    (void)fclose(c);
    assert_int_equal(tc_signer_start(f->dir, NULL, &s, &f->d), TC_OK);
    h.size = 100;
    assert_int_equal(tc_signer_checkpoint(s, &h, sig), TC_E_CONFLICT);
    tc_signer_stop(s);
}

static void test_other_keys(void **state)
{
    struct fix *f = *state;
    struct tc_signer *s = NULL;
    struct tc_node *n = NULL;
    uint8_t a[32], b[32];
    static const char *const purposes[] = {"http", "cursor", "factors", "longer than eight", ""};
    assert_int_equal(tc_node_open(f->dir, TC_NODE_COMMAND, &n, &f->d), TC_OK);
    assert_int_equal(tc_signer_start(f->dir, NULL, &s, &f->d), TC_OK);
    for (size_t i = 0; i < sizeof purposes / sizeof purposes[0]; i++) {
        tc_node_key(n, purposes[i], a);
        assert_int_equal(tc_signer_key(s, purposes[i], b), TC_OK);
        assert_memory_equal(a, b, 32);
    }
    assert_int_equal(tc_signer_key(s, "audit", b), TC_E_DENIED);
    assert_int_equal(tc_signer_key(s, "witness", b), TC_E_DENIED);
    tc_node_audit_key(n, a);
    assert_memory_equal(a, tc_signer_info(s)->audit, 32);
    tc_signer_stop(s);
    tc_node_close(n);
}

static void test_cosignatures(void **state)
{
    struct fix *f = *state;
    struct tc_signer *s = NULL;
    char origin[32], text[TC_AUDIT_NOTE];
    uint8_t sig[64];
    assert_int_equal(tc_signer_start(f->dir, NULL, &s, &f->d), TC_OK);
    struct tc_audit_head h = head("example.org/a", 10, 1);
    assert_int_equal(tc_signer_cosign(s, &h, 1679315147, sig), TC_OK);
    size_t n = tc_audit_cosigned_text(&h, 1679315147, text);
    assert_int_equal(
        crypto_sign_verify_detached(sig, (const uint8_t *)text, n, tc_signer_info(s)->cosign), 0);
    h = head("example.org/a", 9, 1);
    assert_int_equal(tc_signer_cosign(s, &h, 1679315148, sig), TC_E_CONFLICT);
    h = head("example.org/a", 10, 2);
    assert_int_equal(tc_signer_cosign(s, &h, 1679315148, sig), TC_E_CONFLICT);
    h = head("example.org/b", 9, 2); /* of another log */
    assert_int_equal(tc_signer_cosign(s, &h, 1679315148, sig), TC_OK);
    static const char *const bad[] = {"", "two words", "a+b", "line\nbreak"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        h = head(bad[i], 10, 1);
        assert_int_not_equal(tc_signer_cosign(s, &h, 1679315148, sig), TC_OK);
        if (i == 0) { /* a frame without an origin is none: the process is gone */
            assert_false(tc_signer_lives(s));
            tc_signer_stop(s);
            assert_int_equal(tc_signer_start(f->dir, NULL, &s, &f->d), TC_OK);
        }
    }
    h = head(tc_signer_info(s)->origin, 10, 1); /* nobody witnesses for themselves */
    assert_int_equal(tc_signer_cosign(s, &h, 1679315148, sig), TC_E_INVALID);
    for (int i = 0; i <= TC_SIGNER_LOGS; i++) {
        (void)snprintf(origin, sizeof origin, "example.org/%d", i);
        h = head(origin, 1, 1);
        assert_int_equal(tc_signer_cosign(s, &h, 1, sig), i < TC_SIGNER_LOGS ? TC_OK : TC_E_LIMIT);
    }
    tc_signer_stop(s);
}

static void keep(const struct fix *f, const char *name, const char *text)
{
    char path[160];
    (void)snprintf(path, sizeof path, "%s/witnessed/%s", f->dir, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

/* What the serving process kept of others binds the one that signs, too. */
static void test_cosignatures_of_before(void **state)
{
    struct fix *f = *state;
    struct tc_signer *s = NULL;
    struct tc_audit_head h = head("example.org/a", 10, 1);
    char path[128], note[TC_AUDIT_NOTE];
    uint8_t sig[64] = {0}, pub[32] = {0};
    (void)snprintf(path, sizeof path, "%s/witnessed", f->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    tc_audit_note_seal(&h, pub, sig, note);
    keep(f, "aa", note);
    keep(f, "aa.fork", "no checkpoint, but none that counts");
    assert_int_equal(tc_signer_start(f->dir, NULL, &s, &f->d), TC_OK);
    struct tc_audit_head back = head("example.org/a", 9, 1), other = head("example.org/a", 10, 2);
    assert_int_equal(tc_signer_cosign(s, &back, 1, sig), TC_E_CONFLICT);
    assert_int_equal(tc_signer_cosign(s, &other, 1, sig), TC_E_CONFLICT);
    assert_int_equal(tc_signer_cosign(s, &h, 1, sig), TC_OK);
    tc_signer_stop(s);
    keep(f, "bb", "damaged");
    assert_int_equal(tc_signer_start(f->dir, NULL, &s, &f->d), TC_OK);
    assert_int_equal(tc_signer_cosign(s, &h, 1, sig), TC_E_CONFLICT);
    tc_signer_stop(s);
}

static void make_key(const struct fix *f)
{
    gnutls_x509_privkey_t k;
    gnutls_datum_t pem = {NULL, 0};
    assert_int_equal(gnutls_x509_privkey_init(&k), 0);
    assert_int_equal(gnutls_x509_privkey_generate(k, GNUTLS_PK_EDDSA_ED25519, 256, 0), 0);
    assert_int_equal(
        gnutls_x509_privkey_export2_pkcs8(k, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem),
        0);
    FILE *out = fopen(f->pem, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(pem.data, 1, pem.size, out), pem.size);
    (void)fclose(out);
    gnutls_free(pem.data);
    gnutls_x509_privkey_deinit(k);
}

static void test_tls_signs_handshakes_only(void **state)
{
    struct fix *f = *state;
    struct tc_signer *s = NULL;
    uint8_t text[256], sig[TC_SIGNER_SIGNATURE];
    static const char side[] = "TLS 1.3, server CertificateVerify";
    size_t n = 64 + sizeof side + 32, k = 0;
    const int scheme = GNUTLS_SIGN_EDDSA_ED25519;
    memset(text, ' ', sizeof text);
    memcpy(text + 64, side, sizeof side);
    assert_int_equal(tc_signer_start(f->dir, NULL, &s, &f->d), TC_OK);
    assert_int_equal(tc_signer_tls(s, scheme, false, tc_str_view((char *)text, n), sig, &k),
                     TC_E_DENIED);
    tc_signer_stop(s);
    make_key(f);
    assert_int_equal(tc_signer_start(f->dir, f->pem, &s, &f->d), TC_OK);
    assert_int_equal(tc_signer_tls(s, scheme, false, tc_str_view((char *)text, n), sig, &k), TC_OK);
    assert_int_equal(k, 64);
    /* a client's, a text beside it, too short, another scheme, a digest for a key without one */
    text[64 + 9] = 'c';
    assert_int_equal(tc_signer_tls(s, scheme, false, tc_str_view((char *)text, n), sig, &k),
                     TC_E_INVALID);
    text[64 + 9] = 's';
    text[3] = 'x';
    assert_int_equal(tc_signer_tls(s, scheme, false, tc_str_view((char *)text, n), sig, &k),
                     TC_E_INVALID);
    text[3] = ' ';
    for (size_t i = 1; i < n; i++)
        assert_int_equal(tc_signer_tls(s, scheme, false, tc_str_view((char *)text, i), sig, &k),
                         TC_E_INVALID);
    assert_int_equal(
        tc_signer_tls(s, GNUTLS_SIGN_RSA_SHA1, true, tc_str_view((char *)text, 20), sig, &k),
        TC_E_INVALID);
    assert_int_equal(tc_signer_tls(s, scheme, true, tc_str_view((char *)text, 32), sig, &k),
                     TC_E_INVALID);
    assert_true(tc_signer_lives(s));
    tc_signer_stop(s);
}

static void test_a_key_file_that_is_none(void **state)
{
    struct fix *f = *state;
    struct tc_signer *s = NULL;
    assert_int_equal(tc_signer_start(f->dir, "/no/such/key", &s, &f->d), TC_E_USAGE);
    assert_non_null(strstr(f->d.message, "/no/such/key"));
    FILE *out = fopen(f->pem, "w");
    assert_non_null(out);
    (void)fclose(out);
    assert_int_equal(tc_signer_start(f->dir, f->pem, &s, &f->d), TC_E_USAGE);
    assert_int_equal(tc_signer_start(f->root, NULL, &s, &f->d), TC_E_USAGE); /* no node */
    assert_null(s);
}

/* Frames by hand: whatever it does not know ends it. */
static void test_it_dies_on_what_it_does_not_know(void **state)
{
    struct fix *f = *state;
    static const struct {
        const char *p;
        size_t n;
    } bad[] = {{"x", 1}, {"i!", 2}, {"k1234567", 8}, {"k123456789", 10}, {"c", 1}, {"h12", 3}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int pair[2], status;
        char packet[TC_SIGNER_FRAME + 1];
        pid_t self = getpid();
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
        pid_t pid = fork();
        if (pid == 0)
            tc_signer_run(f->dir, NULL, pair[1], self);
        (void)close(pair[1]);
        assert_true(recv(pair[0], packet, sizeof packet, 0) > 1);
        assert_int_equal(packet[0], 0);
        assert_int_equal(send(pair[0], "i", 1, 0), 1);
        assert_true(recv(pair[0], packet, sizeof packet, 0) > 1);
        assert_int_equal(send(pair[0], bad[i].p, bad[i].n, 0), (long)bad[i].n);
        assert_int_equal(recv(pair[0], packet, sizeof packet, 0), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        (void)close(pair[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_checkpoints_only_grow, setup, teardown),
        cmocka_unit_test_setup_teardown(test_it_remembers_what_was_signed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_other_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cosignatures, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cosignatures_of_before, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tls_signs_handshakes_only, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_key_file_that_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(test_it_dies_on_what_it_does_not_know, setup, teardown),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
