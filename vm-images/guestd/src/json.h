/* Flat JSON objects on one line: a strict reader (RFC 8259 without nesting, null or fractions) and a writer. */
#ifndef THAW_JSON_H
#define THAW_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_MAX_FIELDS 16

enum json_type { JSON_STRING, JSON_INTEGER, JSON_BOOLEAN, JSON_STRINGS };

struct json_field {
    char *name;
    enum json_type type;
    union {
        char *string;
        int64_t integer;
        bool boolean;
        char **strings; /* ends with NULL */
    } value;
    size_t count; /* of strings */
};

struct json_object {
    struct json_field fields[JSON_MAX_FIELDS];
    size_t count;
};

/*
 * Reads `text` (`length` bytes, not ended by NUL; one more byte must be writable), which is overwritten: strings are
 * decoded in place and live as long as it does. NULL, or what is wrong with it. No string contains NUL.
 */
const char *json_read(char *text, size_t length, struct json_object *object);
void json_release(struct json_object *object);
const struct json_field *json_find(const struct json_object *object, const char *name);

#define JSON_LINE 2048

/* One line; strings are cut where the line would become longer than JSON_LINE. */
struct json_line {
    char text[JSON_LINE];
    size_t length;
};

void json_begin(struct json_line *line);
void json_add_string(struct json_line *line, const char *name, const char *value);
void json_add_integer(struct json_line *line, const char *name, int64_t value);
void json_add_boolean(struct json_line *line, const char *name, bool value);
/* Ends the object and the line. */
void json_end(struct json_line *line);

#endif
