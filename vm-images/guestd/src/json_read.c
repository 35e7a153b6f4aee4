#include <stdlib.h>
#include <string.h>

#include "byte_queue.h"
#include "json.h"
#include "utf8.h"

struct reader {
    char *at, *end;
    const char *fault;
};

static bool fail(struct reader *reader, const char *fault)
{
    if (reader->fault == NULL)
        reader->fault = fault;
    return false;
}

static void skip_space(struct reader *reader)
{
    while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) != NULL && *reader->at != '\0')
        reader->at++;
}

/* After white space: is this byte next? */
static bool accept(struct reader *reader, char byte)
{
    skip_space(reader);
    if (reader->at == reader->end || *reader->at != byte)
        return false;
    reader->at++;
    return true;
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* The four digits after \u; -1 if they are not there. */
static int32_t read_unit(struct reader *reader)
{
    if (reader->end - reader->at < 4)
        return -1;
    int32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_value(*reader->at++);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static char *put_utf8(char *to, int32_t point)
{
    if (point < 0x80) {
        *to++ = (char)point;
        return to;
    }
    if (point < 0x800) {
        *to++ = (char)(0xC0 | point >> 6);
    } else {
        if (point < 0x10000) {
            *to++ = (char)(0xE0 | point >> 12);
        } else {
            *to++ = (char)(0xF0 | point >> 18);
            *to++ = (char)(0x80 | (point >> 12 & 0x3F));
        }
        *to++ = (char)(0x80 | (point >> 6 & 0x3F));
    }
    *to++ = (char)(0x80 | (point & 0x3F));
    return to;
}

/* What follows \u, surrogate pairs joined. Never longer than the escape it replaces. */
static char *read_unicode_escape(struct reader *reader, char *to)
{
    int32_t point = read_unit(reader);
    if (point >= 0xD800 && point <= 0xDBFF) {
        int32_t low = -1;
        if (reader->end - reader->at >= 2 && reader->at[0] == '\\' && reader->at[1] == 'u') {
            reader->at += 2;
            low = read_unit(reader);
        }
        point = low >= 0xDC00 && low <= 0xDFFF ? 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00) : -1;
    }
    if (point < 0 || (point >= 0xDC00 && point <= 0xDFFF)) {
        fail(reader, "an escape \\u is not followed by a character");
        return to;
    }
    if (point == 0) {
        fail(reader, "a string contains NUL");
        return to;
    }
    return put_utf8(to, point);
}

static char *read_escape(struct reader *reader, char *to)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    char name = reader->at < reader->end ? *reader->at++ : '\0';
    if (name == 'u')
        return read_unicode_escape(reader, to);
    const char *known = name == '\0' ? NULL : strchr(names, name);
    if (known == NULL) {
        fail(reader, "an unknown escape in a string");
        return to;
    }
    *to = values[known - names];
    return to + 1;
}

static char *read_string(struct reader *reader)
{
    if (!accept(reader, '"')) {
        fail(reader, "a string was expected");
        return NULL;
    }
    char *start = reader->at, *to = start;
    while (reader->fault == NULL) {
        if (reader->at == reader->end) {
            fail(reader, "a string does not end");
        } else if (*reader->at == '"') {
            reader->at++;
            *to = '\0';
            return start;
        } else if (*reader->at == '\\') {
            reader->at++;
            to = read_escape(reader, to);
        } else if ((uint8_t)*reader->at < 0x20) {
            fail(reader, "a control character in a string");
        } else {
            *to++ = *reader->at++;
        }
    }
    return NULL;
}

static bool read_integer(struct reader *reader, int64_t *value)
{
    bool negative = accept(reader, '-');
    uint64_t limit = (uint64_t)INT64_MAX + negative, sum = 0;
    const char *first = reader->at;
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9') {
        unsigned digit = (unsigned)(*reader->at++ - '0');
        if (sum > (limit - digit) / 10)
            return fail(reader, "a number is out of range");
        sum = sum * 10 + digit;
    }
    if (reader->at == first || (*first == '0' && reader->at - first > 1))
        return fail(reader, "a value is not a string, an integer, a boolean or an array of strings");
    *value = negative ? (int64_t)(0 - sum) : (int64_t)sum;
    return true;
}

static bool read_strings(struct reader *reader, struct json_field *field)
{
    size_t capacity = 16;
    field->type = JSON_STRINGS;
    field->value.strings = allocate(capacity * sizeof(char *));
    if (accept(reader, ']'))
        return true;
    do {
        if (field->count + 1 == capacity) {
            capacity *= 2;
            field->value.strings = reallocate(field->value.strings, capacity * sizeof(char *));
        }
        field->value.strings[field->count] = read_string(reader);
        if (reader->fault != NULL)
            return false;
        field->value.strings[++field->count] = NULL;
    } while (accept(reader, ','));
    return accept(reader, ']') || fail(reader, "an array does not end");
}

static bool read_word(struct reader *reader, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
        return false;
    reader->at += length;
    return true;
}

static bool read_value(struct reader *reader, struct json_field *field)
{
    skip_space(reader);
    if (reader->at < reader->end && *reader->at == '"') {
        field->type = JSON_STRING;
        field->value.string = read_string(reader);
        return reader->fault == NULL;
    }
    if (accept(reader, '['))
        return read_strings(reader, field);
    field->type = JSON_BOOLEAN;
    field->value.boolean = true;
    if (read_word(reader, "true"))
        return true;
    field->value.boolean = false;
    if (read_word(reader, "false"))
        return true;
    field->type = JSON_INTEGER;
    return read_integer(reader, &field->value.integer);
}

static bool read_field(struct reader *reader, struct json_object *object)
{
    char *name = read_string(reader);
    if (name == NULL)
        return false;
    if (json_find(object, name) != NULL)
        return fail(reader, "a field stands there twice");
    if (object->count == JSON_MAX_FIELDS)
        return fail(reader, "too many fields");
    if (!accept(reader, ':'))
        return fail(reader, "a field has no value");
    struct json_field *field = &object->fields[object->count++];
    field->name = name;
    return read_value(reader, field);
}

static void read_object(struct reader *reader, struct json_object *object)
{
    if (!accept(reader, '{')) {
        fail(reader, "an object was expected");
        return;
    }
    if (!accept(reader, '}')) {
        do {
            if (!read_field(reader, object))
                return;
        } while (accept(reader, ','));
        if (!accept(reader, '}')) {
            fail(reader, "an object does not end");
            return;
        }
    }
    skip_space(reader);
    if (reader->at != reader->end)
        fail(reader, "something follows the object");
}

const char *json_read(char *text, size_t length, struct json_object *object)
{
    struct reader reader = {.at = text, .end = text + length};
    memset(object, 0, sizeof *object);
    if (!utf8_valid((const uint8_t *)text, length))
        return "not UTF-8";
    read_object(&reader, object);
    if (reader.fault != NULL)
        json_release(object);
    return reader.fault;
}

void json_release(struct json_object *object)
{
    for (size_t i = 0; i < object->count; i++)
        if (object->fields[i].type == JSON_STRINGS)
            free(object->fields[i].value.strings);
    object->count = 0;
}

const struct json_field *json_find(const struct json_object *object, const char *name)
{
    for (size_t i = 0; i < object->count; i++)
        if (strcmp(object->fields[i].name, name) == 0)
            return &object->fields[i];
    return NULL;
}
