/* SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#include "warn/cap_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <libxml/xmlschemas.h>

#include <cmocka.h>

static xmlSchemaPtr schema(xmlSchemaParserCtxtPtr *parser)
{
    char path[4096];
    const char *data = getenv("TOCSIN_DATA");
    (void)snprintf(path, sizeof path, "%s/cap/cap12.xsd", data ? data : "../shared/data");
    if (access(path, R_OK))
        return NULL;
    *parser = xmlSchemaNewParserCtxt(path);
    return *parser ? xmlSchemaParse(*parser) : NULL;
}

static int errors_of(xmlSchemaPtr s, const struct tc_buf *b)
{
    xmlDocPtr doc = xmlReadMemory(b->p, (int)b->n, "cap.xml", NULL, XML_PARSE_NONET);
    assert_non_null(doc);
    xmlSchemaValidCtxtPtr v = xmlSchemaNewValidCtxt(s);
    int r = xmlSchemaValidateDoc(v, doc);
    xmlSchemaFreeValidCtxt(v);
    xmlFreeDoc(doc);
    return r;
}

static bool has(const struct tc_buf *b, const char *what)
{
    return tc_str_find(tc_buf_view(b), tc_str_cstr(what)) != SIZE_MAX;
}

static void schema_holds_every_kind(void **state)
{
    (void)state;
    xmlSchemaParserCtxtPtr parser = NULL;
    xmlSchemaPtr s = schema(&parser);
    if (!s)
        skip();
    struct tc_arena *a = tc_arena_new(1u << 20);
    struct tc_buf b;
    tc_buf_init(&b, 1u << 20);
    for (int kind = TC_WARN_ALERT; kind <= TC_WARN_CANCEL; kind++)
        for (int severity = TC_SEVERITY_EXTREME; severity <= TC_SEVERITY_UNKNOWN; severity++) {
            struct tc_message m;
            sample(a, &m);
            m.kind = (enum tc_warn_kind)kind;
            m.severity = (enum tc_severity)severity;
            m.status = severity & 1 ? TC_WARN_TEST : TC_WARN_ACTUAL;
            m.n_hits = kind == TC_WARN_CANCEL ? 0 : 2;
            m.urgency = (enum tc_urgency)(severity & 3);
            m.response = (enum tc_response)kind;
            tc_buf_clear(&b);
            assert_int_equal(tc_cap_write(&m, &b), TC_OK);
            assert_int_equal(errors_of(s, &b), 0);
        }
    tc_buf_fini(&b);
    tc_arena_free(a);
    xmlSchemaFree(s);
    xmlSchemaFreeParserCtxt(parser);
}

static void rules_that_the_schema_cannot_say(void **state)
{
    (void)state;
    struct tc_arena *a = tc_arena_new(1u << 20);
    struct tc_message m;
    struct tc_buf b;
    tc_buf_init(&b, 1u << 20);
    sample(a, &m);
    assert_int_equal(tc_cap_write(&m, &b), TC_OK);
    assert_true(has(&b, "<sent>2026-11-21T11:05:00-00:00</sent>"));
    assert_false(has(&b, "00Z<"));
    assert_true(has(&b, "<status>Exercise</status>"));
    assert_true(has(&b, "<note>This is an exercise."));
    assert_true(has(&b, "<scope>Private</scope>"));
    assert_true(has(&b, "<addresses>identity--66666666-6666-4666-8666-666666666666 "
                        "&quot;Hospitals East&quot;</addresses>"));
    assert_true(has(&b, "<code>TLP:AMBER+STRICT</code>"));
    assert_true(has(&b, "<references>identity--55555555-5555-4555-8555-555555555555,warning--"
                        "33333333-3333-4333-8333-333333333333,2026-11-21T10:00:00-00:00"
                        "</references>"));
    assert_true(has(&b, "<areaDesc>Hospital &lt;East&gt; &amp; Co</areaDesc>"));
    assert_true(has(&b, "<circle>53.20000,-6.56000 0.5</circle>"));
    assert_false(has(&b, "<areaDesc>Clinic West")); /* spared: in the text, not in the area */
    assert_true(has(&b, "<language>en</language>"));
    assert_true(has(&b, "<language>nl</language>"));
    tc_buf_fini(&b);
    tc_arena_free(a);
}

static void drafts_have_no_message(void **state)
{
    (void)state;
    struct tc_arena *a = tc_arena_new(1u << 20);
    struct tc_message m;
    struct tc_buf b;
    tc_buf_init(&b, 1u << 20);
    sample(a, &m);
    m.state = TC_WARN_DRAFT;
    assert_int_equal(tc_cap_write(&m, &b), TC_E_INVALID);
    sample(a, &m);
    m.id = TC_STR("warning--4, <x>");
    assert_int_equal(tc_cap_write(&m, &b), TC_E_INVALID);
    assert_int_equal(b.n, 0);
    tc_buf_fini(&b);
    tc_arena_free(a);
}

static void text_is_always_xml(void **state)
{
    (void)state;
    struct tc_buf b;
    tc_buf_init(&b, 1000);
    tc_cap_escape(&b, TC_STR("a\x01<\xFF\xC3(\xEF\xBF\xBF]]>\"'\xF0\x9F\x94\x94\xC3"));
    assert_string_equal(tc_buf_z(&b), "a\xEF\xBF\xBD&lt;\xEF\xBF\xBD\xEF\xBF\xBD(\xEF\xBF\xBD\xEF"
                                      "\xBF\xBD\xEF\xBF\xBD]]&gt;&quot;&#39;\xF0\x9F\x94\x94\xEF"
                                      "\xBF\xBD");
    tc_buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schema_holds_every_kind),
        cmocka_unit_test(rules_that_the_schema_cannot_say),
        cmocka_unit_test(drafts_have_no_message),
        cmocka_unit_test(text_is_always_xml),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
