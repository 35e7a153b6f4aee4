/* Opening lines and control lines: anything a host could put into one. */
#include <stdlib.h>
#include <string.h>

#include "../src/request.h"
#include "../src/utf8.h"
#include "target.h"

/* What was accepted must hold what the rest of guestd relies on. */
static void check_request(const struct request *request)
{
    if (request->kind == REQUEST_EXEC && (request->argv[0] == NULL || request->cwd == NULL || request->user == NULL))
        abort();
    if (request->kind == REQUEST_STDIO && (request->fd < 0 || request->fd > 2))
        abort();
    if (request->kind == REQUEST_IDENTITY && (request->time_ns <= 0 || strchr(request->hostname, '\n') != NULL))
        abort();
}

static void check_strings(const struct json_object *object)
{
    for (size_t i = 0; i < object->count; i++) {
        const struct json_field *field = &object->fields[i];
        if (field->type == JSON_STRING &&
            !utf8_valid((const uint8_t *)field->value.string, strlen(field->value.string)))
            abort();
        if (field->type == JSON_STRINGS && field->value.strings[field->count] != NULL)
            abort();
    }
}

/* In memory of exactly the promised size, so that the sanitizer sees a byte too many. */
static char *copy(const uint8_t *bytes, size_t count)
{
    char *memory = malloc(count + 1);
    memcpy(memory, bytes, count);
    return memory;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct json_object object;
    struct request request;
    char fault[REQUEST_FAULT];
    struct control control;
    char *text = copy(bytes, count);
    if (json_read(text, count, &object) == NULL) {
        check_strings(&object);
        json_release(&object);
    }
    free(text);
    text = copy(bytes, count);
    if (request_read(text, count, &request, fault)) {
        check_request(&request);
        request_release(&request);
    }
    free(text);
    text = copy(bytes, count);
    if (request_read_control(text, count, &control) && (control.signal < 0 || control.signal > 64))
        abort();
    free(text);
    return 0;
}
