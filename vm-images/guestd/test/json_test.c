#include "../src/json.h"

#include <stdlib.h>

#include "check.h"

/* In memory of exactly the promised size, so that the sanitizer sees a byte too many. */
static const char *read_copy(const char *text, size_t length, struct json_object *object, char **memory)
{
    *memory = malloc(length + 1);
    memcpy(*memory, text, length);
    return json_read(*memory, length, object);
}

static bool accepts(const char *text)
{
    struct json_object object;
    char *memory;
    bool accepted = read_copy(text, strlen(text), &object, &memory) == NULL;
    if (accepted)
        json_release(&object);
    free(memory);
    return accepted;
}

/* What {"s":…} means. */
static void check_string(const char *written, const char *meant)
{
    struct json_object object;
    char text[256], *memory;
    snprintf(text, sizeof text, "{\"s\":\"%s\"}", written);
    CHECK(read_copy(text, strlen(text), &object, &memory) == NULL);
    CHECK_TEXT(json_find(&object, "s")->value.string, meant);
    json_release(&object);
    free(memory);
}

TEST(json_reads_every_type_it_knows)
{
    static const char text[] = " { \"a\" : \"x\" , \"b\":-12,\"c\":true,\"d\":false,\"e\":[\"p\", \"q\"],\"f\":[] } ";
    struct json_object object;
    char *memory;
    CHECK(read_copy(text, sizeof text - 1, &object, &memory) == NULL);
    CHECK(object.count == 6);
    CHECK_TEXT(json_find(&object, "a")->value.string, "x");
    CHECK(json_find(&object, "b")->value.integer == -12);
    CHECK(json_find(&object, "c")->value.boolean && !json_find(&object, "d")->value.boolean);
    const struct json_field *e = json_find(&object, "e"), *f = json_find(&object, "f");
    CHECK(e->count == 2 && e->value.strings[2] == NULL);
    CHECK_TEXT(e->value.strings[1], "q");
    CHECK(f->count == 0 && f->value.strings[0] == NULL);
    CHECK(json_find(&object, "g") == NULL);
    json_release(&object);
    free(memory);
}

TEST(json_reads_the_whole_range_of_int64_and_no_more)
{
    struct json_object object;
    char least[] = "{\"n\":-9223372036854775808} ", most[] = "{\"n\":9223372036854775807} ";
    CHECK(json_read(least, strlen(least), &object) == NULL && object.fields[0].value.integer == INT64_MIN);
    CHECK(json_read(most, strlen(most), &object) == NULL && object.fields[0].value.integer == INT64_MAX);
    CHECK(!accepts("{\"n\":9223372036854775808}"));
    CHECK(!accepts("{\"n\":-9223372036854775809}"));
    CHECK(!accepts("{\"n\":99999999999999999999999}"));
}

TEST(json_decodes_escapes)
{
    check_string("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t");
    check_string("\\u0041\\u00e9\\u20AC", "A\xC3\xA9\xE2\x82\xAC");
    check_string("\\ud83d\\ude00", "\xF0\x9F\x98\x80");
    check_string("caf\xC3\xA9", "caf\xC3\xA9");
}

TEST(json_refuses_what_is_no_flat_object)
{
    static const char *const refused[] = {
        "", " ", "null", "[]", "\"s\"", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1", "{\"a\":1,}", "{,}", "{\"a\":1}x",
        "{\"a\":{}}", "{\"a\":null}", "{\"a\":[1]}", "{\"a\":[\"x\",]}", "{\"a\":[\"x\"", "{\"a\":[[]]}", "{a:1}",
        "{\"a\":1.0}", "{\"a\":1e3}", "{\"a\":01}", "{\"a\":-}", "{\"a\":+1}", "{\"a\":tru}", "{\"a\":True}",
        "{\"a\":1 \"b\":2}", "{\"a\" 1}", "{'a':1}", "{\"a\":\"x}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u12g4\"}", "{\"a\":\"tab\there\"}", "{\"a\":\"\\\"}",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (accepts(refused[i]))
            check_failed(__FILE__, __LINE__, refused[i]);
}

TEST(json_refuses_surrogates_that_are_no_pair)
{
    CHECK(!accepts("{\"a\":\"\\ud83d\"}"));
    CHECK(!accepts("{\"a\":\"\\ude00\"}"));
    CHECK(!accepts("{\"a\":\"\\ud83dx\"}"));
    CHECK(!accepts("{\"a\":\"\\ud83d\\u0041\"}"));
    CHECK(!accepts("{\"a\":\"\\ud83d\\ud83d\"}"));
}

TEST(json_refuses_nul_in_any_string)
{
    struct json_object object;
    char raw[] = "{\"a\":\"x\0y\"}";
    CHECK(!accepts("{\"a\":\"x\\u0000y\"}"));
    CHECK(!accepts("{\"a\":[\"x\\u0000\"]}"));
    CHECK(json_read(raw, sizeof raw - 1, &object) != NULL);
}

TEST(json_refuses_what_is_not_utf8)
{
    CHECK(!accepts("{\"a\":\"\xFF\"}"));
    CHECK(!accepts("{\"a\":\"\xC3\"}"));
    CHECK(!accepts("{\"a\":\"\xC0\xAF\"}"));
    CHECK(!accepts("{\"a\":\"\xE0\x80\xAF\"}"));
    CHECK(!accepts("{\"a\":\"\xED\xA0\x80\"}"));
    CHECK(!accepts("{\"a\":\"\xF4\x90\x80\x80\"}"));
    CHECK(accepts("{\"a\":\"\xF4\x8F\xBF\xBF\"}"));
}

TEST(json_refuses_a_field_that_stands_there_twice)
{
    CHECK(!accepts("{\"a\":1,\"a\":1}"));
    CHECK(!accepts("{\"a\":1,\"\\u0061\":2}"));
}

TEST(json_refuses_more_fields_than_any_request_has)
{
    char text[512] = "{\"f0\":0";
    for (int i = 1; i <= JSON_MAX_FIELDS; i++)
        sprintf(text + strlen(text), ",\"f%d\":0", i);
    strcat(text, "}");
    CHECK(!accepts(text));
}

TEST(json_writes_what_it_can_read_again)
{
    struct json_line line;
    struct json_object object;
    json_begin(&line);
    json_add_string(&line, "s", "a\"b\\c\n\x01\x7F caf\xC3\xA9 \xFF");
    json_add_integer(&line, "n", INT64_MIN);
    json_add_boolean(&line, "b", true);
    json_end(&line);
    CHECK(line.text[line.length - 1] == '\n');
    CHECK(memchr(line.text, '\n', line.length - 1) == NULL);
    CHECK(json_read(line.text, line.length - 1, &object) == NULL);
    CHECK_TEXT(json_find(&object, "s")->value.string, "a\"b\\c\n\x01\x7F caf\xC3\xA9 \xEF\xBF\xBD");
    CHECK(json_find(&object, "n")->value.integer == INT64_MIN);
    json_release(&object);
}

TEST(json_cuts_a_string_that_does_not_fit_a_line_between_characters)
{
    char text[3 * JSON_LINE + 1];
    struct json_line line;
    struct json_object object;
    for (size_t i = 0; i < JSON_LINE; i++)
        memcpy(text + 3 * i, "\xE2\x82\xAC", 4);
    json_begin(&line);
    json_add_string(&line, "s", text);
    json_add_integer(&line, "n", 1);
    json_end(&line);
    CHECK(line.length <= JSON_LINE);
    CHECK(json_read(line.text, line.length - 1, &object) == NULL);
    CHECK(strlen(json_find(&object, "s")->value.string) % 3 == 0);
    json_release(&object);
}
