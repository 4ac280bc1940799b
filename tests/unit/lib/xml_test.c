/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* NULL expected: refused. */
static void assert_text(const char *document, const char *path, const char *expected)
{
    size_t len = strlen(document);
    char *exact = malloc(len + 1); /* without a NUL, for the sanitizer */
    struct buf out;
    bool found;

    assert_non_null(exact);
    memcpy(exact, document, len);
    buf_init(&out, 1000);
    buf_add_str(&out, ">");
    found = xml_text((struct str){exact, len}, path, &out);
    free(exact);
    if (found != (expected != NULL) || (expected && strcmp(out.data + 1, expected) != 0)) {
        fail_msg("%s at %s: found %d '%s'", document, path, found, out.data + 1);
    }
    if (!expected) {
        assert_string_equal(out.data, ">");
    }
    buf_done(&out);
}

static void text_is_found_by_path(void **state)
{
    static const char sts[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- note -->\n"
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n<AssumeRoleResult>\n"
        " <Credentials><AccessKeyId> ASIA </AccessKeyId><SessionToken>a&amp;b&#47;&#x2B;</SessionToken>"
        "<Empty/><Void></Void></Credentials>\n"
        "<AssumedRoleUser><AccessKeyId>other</AccessKeyId></AssumedRoleUser>"
        "</AssumeRoleResult></AssumeRoleResponse>\n";

    (void)state;
    assert_text(sts, "AssumeRoleResponse/AssumeRoleResult/Credentials/AccessKeyId", "ASIA");
    assert_text(sts, "AssumeRoleResponse/AssumeRoleResult/Credentials/SessionToken", "a&b/+");
    assert_text(sts, "AssumeRoleResponse/AssumeRoleResult/AssumedRoleUser/AccessKeyId", "other");
    assert_text(sts, "AssumeRoleResponse/AssumeRoleResult/Credentials/Empty", "");
    assert_text(sts, "AssumeRoleResponse/AssumeRoleResult/Credentials/Void", "");
    assert_text(sts, "AssumeRoleResponse/AccessKeyId", NULL);
    assert_text(sts, "AccessKeyId", NULL);
    assert_text(sts, "AssumeRoleResponse/AssumeRoleResult/Credentials", NULL); /* has children */
    assert_text(sts, "AssumeRoleResponse/AssumeRoleResult/Credentials/AccessKey", NULL);
}

static void text_forms_are_resolved(void **state)
{
    (void)state;
    assert_text("<a><![CDATA[<x> & ]] ]]>y</a>", "a", "<x> & ]] y");
    assert_text("<a>1<!-- > <b> -->2</a>", "a", "12");
    assert_text("<a>1<?pi x?>2</a>", "a", "12");
    assert_text("<ns:a xmlns:ns='u'><ns:b>x</ns:b></ns:a>", "a/b", "x");
    assert_text("<a k='>' l=\"<'\">x</a>", "a", NULL);
    assert_text("<a k='>' l=\"'\">x</a >", "a", "x");
    assert_text("<a>&lt;&gt;&quot;&apos;&#x1F600;&#xe4;</a>", "a", "<>\"'\xF0\x9F\x98\x80\xC3\xA4");
    assert_text("<a><b>1</b><b>2</b></a>", "a/b", "1");
}

static void what_is_not_well_formed_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "x",
                                      "<a>",
                                      "<a>x",
                                      "<a>x</b>",
                                      "</a>",
                                      "<a>x</a",
                                      "<a>x</a>y",
                                      "<a>x</a><a>y</a>",
                                      "<a>x</a></a>",
                                      "<a>x</a><!-- ",
                                      "<a>&nbsp;</a>",
                                      "<a>& x</a>",
                                      "<a>&#0;</a>",
                                      "<a>&#xD800;</a>",
                                      "<a>&#x110000;</a>",
                                      "<a>&#99999999999999999999;</a>",
                                      "<a>&#;</a>",
                                      "<a>&#x;</a>",
                                      "<a>&;</a>",
                                      "<!DOCTYPE a><a>x</a>",
                                      "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
                                      "<a><![CDATA[x</a>",
                                      "<>x</>",
                                      "< a>x</a>",
                                      "<1a>x</1a>",
                                      "<a>x<b></a></b>"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_text(bad[i], "a", NULL);
    }
}

static void depth_and_output_are_bounded(void **state)
{
    char deep[200] = "";
    char wide[3000];
    struct buf out;

    (void)state;
    for (int i = 0; i <= XML_DEPTH_CAP; i++) {
        strcat(deep, "<a>");
    }
    for (int i = 0; i <= XML_DEPTH_CAP; i++) {
        strcat(deep, "</a>");
    }
    assert_text(deep, "a/b", NULL);
    memset(wide, 'x', sizeof(wide));
    memcpy(wide, "<a>", 3);
    memcpy(wide + sizeof(wide) - 4, "</a>", 4);
    buf_init(&out, 100);
    assert_false(xml_text((struct str){wide, sizeof(wide)}, "a", &out));
    buf_done(&out);
}

static bool note_element(void *ctx, struct str path, struct str text)
{
    struct buf *out = ctx;

    buf_addf(out, "%.*s=%.*s;", STR_ARG(path), STR_ARG(text));
    return !str_eq(text, STR("stop"));
}

static void assert_elements(const char *document, bool good, const char *expected)
{
    size_t len = strlen(document);
    char *exact = malloc(len + 1);
    struct buf out;

    assert_non_null(exact);
    memcpy(exact, document, len);
    buf_init(&out, 1000);
    assert_int_equal(xml_each((struct str){exact, len}, note_element, &out), good);
    free(exact);
    assert_string_equal(buf_str(&out).ptr, expected);
    buf_done(&out);
}

static void every_element_is_told_at_its_end(void **state)
{
    (void)state;
    assert_elements("<?xml version='1.0'?><s:Delete xmlns:s='x'> <Object><Key>a &amp; b</Key></Object>\n"
                    "<Object><Key> <![CDATA[<c>]]></Key><V/></Object></s:Delete>",
                    true,
                    "Delete/Object/Key=a & b;Delete/Object=;Delete/Object/Key= <c>;Delete/Object/V=;"
                    "Delete/Object=;Delete=;");
    assert_elements("<a>text<b>1</b>more</a>", true, "a/b=1;a=;");
    assert_elements("<a><b>stop</b><c/></a>", false, "a/b=stop;");
    assert_elements("<a><b>1</a></b>", false, "");
    assert_elements("<!DOCTYPE a><a/>", false, "");
    assert_elements("<a><b:/></a>", false, "");
    assert_elements("<a>&other;</a>", false, "");
    assert_elements("", false, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_found_by_path),        cmocka_unit_test(every_element_is_told_at_its_end),
        cmocka_unit_test(text_forms_are_resolved),      cmocka_unit_test(what_is_not_well_formed_is_refused),
        cmocka_unit_test(depth_and_output_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
