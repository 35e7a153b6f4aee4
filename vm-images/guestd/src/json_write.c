#include <stdio.h>
#include <string.h>

#include "json.h"
#include "utf8.h"

/* Kept free for what ends a line: closing quote, brace, newline. */
#define TAIL 8

static void put(struct json_line *line, const char *text, size_t length)
{
    memcpy(line->text + line->length, text, length);
    line->length += length;
}

/* Names are ours, short and plain; a field that no longer fits is a programming error that json_begin() sizes out. */
static void put_name(struct json_line *line, const char *name)
{
    if (line->length > 1)
        put(line, ",", 1);
    put(line, "\"", 1);
    put(line, name, strlen(name));
    put(line, "\":", 2);
}

void json_begin(struct json_line *line)
{
    line->length = 0;
    put(line, "{", 1);
}

/* The bytes one character of a string becomes; bytes that are not UTF-8 become U+FFFD. */
static size_t escape(const uint8_t *bytes, size_t count, char escaped[8], size_t *taken)
{
    size_t sequence = utf8_sequence(bytes, count);
    *taken = sequence == 0 ? 1 : sequence;
    if (sequence == 0) {
        memcpy(escaped, "\xEF\xBF\xBD", 3);
        return 3;
    }
    if (bytes[0] == '"' || bytes[0] == '\\') {
        escaped[0] = '\\';
        escaped[1] = (char)bytes[0];
        return 2;
    }
    if (bytes[0] < 0x20 || bytes[0] == 0x7F)
        return (size_t)snprintf(escaped, 8, "\\u%04x", (unsigned)bytes[0]);
    memcpy(escaped, bytes, sequence);
    return sequence;
}

/* A long string leaves this much of the line for the fields after it. */
#define FOR_OTHER_FIELDS 512

void json_add_string(struct json_line *line, const char *name, const char *value)
{
    const uint8_t *bytes = (const uint8_t *)value;
    size_t left = strlen(value);
    put_name(line, name);
    put(line, "\"", 1);
    while (left > 0) {
        char escaped[8];
        size_t taken, length = escape(bytes, left, escaped, &taken);
        if (line->length + length > JSON_LINE - TAIL - FOR_OTHER_FIELDS)
            break;
        put(line, escaped, length);
        bytes += taken;
        left -= taken;
    }
    put(line, "\"", 1);
}

void json_add_integer(struct json_line *line, const char *name, int64_t value)
{
    char digits[24];
    put_name(line, name);
    put(line, digits, (size_t)snprintf(digits, sizeof digits, "%lld", (long long)value));
}

void json_add_boolean(struct json_line *line, const char *name, bool value)
{
    put_name(line, name);
    put(line, value ? "true" : "false", value ? 4 : 5);
}

void json_end(struct json_line *line)
{
    put(line, "}\n", 2);
}
