#include "request.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "terminal.h"

#define LAST_SIGNAL 64
#define LONGEST_HOSTNAME 64

struct rule {
    const char *field;
    enum json_type type;
    bool optional;
    size_t offset; /* where in struct request the value goes */
};

#define NEEDS(name, kind, member) {name, kind, false, offsetof(struct request, member)}
#define MAY_HAVE(name, kind, member) {name, kind, true, offsetof(struct request, member)}

struct form {
    const char *op;
    enum request_kind kind;
    const char *told_apart_by; /* of two forms of one op, the field only this one has */
    struct rule rules[8];
};

static const struct form forms[] = {
    {"identity", REQUEST_WARMING, "warming", {NEEDS("warming", JSON_BOOLEAN, warming)}},
    {"identity", REQUEST_IDENTITY, NULL,
     {NEEDS("time_ns", JSON_INTEGER, time_ns), NEEDS("entropy", JSON_STRING, entropy_digits),
      NEEDS("machine_id", JSON_STRING, machine_id), NEEDS("hostname", JSON_STRING, hostname)}},
    {"exec", REQUEST_EXEC, NULL,
     {NEEDS("exec", JSON_STRING, exec), NEEDS("argv", JSON_STRINGS, argv), NEEDS("env", JSON_STRINGS, env),
      NEEDS("cwd", JSON_STRING, cwd), MAY_HAVE("user", JSON_STRING, user), MAY_HAVE("rows", JSON_INTEGER, rows),
      MAY_HAVE("cols", JSON_INTEGER, columns)}},
    {"stdio", REQUEST_STDIO, NULL, {NEEDS("exec", JSON_STRING, exec), NEEDS("fd", JSON_INTEGER, fd)}},
    {"dial", REQUEST_DIAL_TCP, "tcp", {NEEDS("tcp", JSON_STRING, tcp)}},
    {"dial", REQUEST_DIAL_UNIX, NULL, {NEEDS("unix", JSON_STRING, unix_path)}},
    {"freeze", REQUEST_FREEZE, NULL, {NEEDS("nonce", JSON_STRING, nonce)}},
    {"poweroff", REQUEST_POWEROFF, NULL, {{0}}},
};

static const struct form *find_form(const struct json_object *json, const char *op)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp(forms[i].op, op) == 0 &&
            (forms[i].told_apart_by == NULL || json_find(json, forms[i].told_apart_by) != NULL))
            return &forms[i];
    return NULL;
}

static void store(struct request *request, const struct rule *rule, const struct json_field *field)
{
    char *to = (char *)request + rule->offset;
    switch (field->type) {
    case JSON_STRING:
        *(const char **)(void *)to = field->value.string;
        break;
    case JSON_INTEGER:
        *(int64_t *)(void *)to = field->value.integer;
        break;
    case JSON_BOOLEAN:
        *(bool *)to = field->value.boolean;
        break;
    case JSON_STRINGS:
        *(char ***)(void *)to = field->value.strings;
        break;
    }
}

static const char *type_name(enum json_type type)
{
    static const char *const names[] = {"a string", "an integer", "a boolean", "an array of strings"};
    return names[type];
}

static bool fill_in(struct request *request, const struct form *form, char fault[REQUEST_FAULT])
{
    size_t known = 1; /* "op" */
    for (const struct rule *rule = form->rules; rule->field != NULL; rule++) {
        const struct json_field *field = json_find(&request->json, rule->field);
        if (field == NULL && rule->optional)
            continue;
        if (field == NULL) {
            snprintf(fault, REQUEST_FAULT, "%s: the field %s is missing", form->op, rule->field);
            return false;
        }
        if (field->type != rule->type) {
            snprintf(fault, REQUEST_FAULT, "%s: %s must be %s", form->op, rule->field, type_name(rule->type));
            return false;
        }
        store(request, rule, field);
        known++;
    }
    if (known != request->json.count) {
        snprintf(fault, REQUEST_FAULT, "%s: a field that is not known", form->op);
        return false;
    }
    return true;
}

static bool consists_of(const char *text, const char *allowed, size_t least, size_t most)
{
    size_t length = strlen(text);
    return length >= least && length <= most && strspn(text, allowed) == length;
}

static bool valid_exec_id(const char *id)
{
    return consists_of(id, "abcdefghijklmnopqrstuvwxyz0123456789", 1, EXEC_ID_LENGTH);
}

/* It goes into /etc/hosts and the kernel as it is. */
static bool valid_hostname(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    return consists_of(name, allowed, 1, LONGEST_HOSTNAME) && name[0] != '-' && name[0] != '.';
}

static bool read_entropy(const char *digits, uint8_t entropy[ENTROPY_BYTES])
{
    if (!consists_of(digits, "0123456789abcdefABCDEF", ENTROPY_BYTES * 2, ENTROPY_BYTES * 2))
        return false;
    for (size_t i = 0; i < ENTROPY_BYTES; i++) {
        char pair[3] = {digits[2 * i], digits[2 * i + 1], '\0'};
        entropy[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return true;
}

static const char *check_identity(struct request *request)
{
    if (request->time_ns <= 0)
        return "identity: time_ns must be positive";
    if (!read_entropy(request->entropy_digits, request->entropy))
        return "identity: entropy must be 128 hex digits";
    if (!consists_of(request->machine_id, "0123456789abcdef", MACHINE_ID_DIGITS, MACHINE_ID_DIGITS))
        return "identity: machine_id must be 32 lower-case hex digits";
    return valid_hostname(request->hostname) ? NULL : "identity: hostname must match [A-Za-z0-9.-]{1,64}";
}

static bool valid_size(int64_t rows, int64_t columns)
{
    return rows >= 0 && rows <= TERMINAL_LARGEST && columns >= 0 && columns <= TERMINAL_LARGEST;
}

static const char *check_exec(struct request *request)
{
    if (!valid_exec_id(request->exec))
        return "exec: the id must match [a-z0-9]{1,16}";
    if (request->argv[0] == NULL || request->argv[0][0] == '\0')
        return "exec: argv names no program";
    bool sized = json_find(&request->json, "rows") != NULL, both = json_find(&request->json, "cols") != NULL;
    if (sized != both || (sized && !valid_size(request->rows, request->columns)))
        return "exec: rows and cols come together, each from 0 to 65535";
    if (!sized)
        request->rows = request->columns = -1;
    if (request->user == NULL)
        request->user = "root";
    return NULL;
}

static bool read_tcp_address(const char *text, struct sockaddr_in *address)
{
    char host[INET_ADDRSTRLEN];
    const char *colon = strchr(text, ':');
    size_t length = colon == NULL ? sizeof host : (size_t)(colon - text);
    if (length >= sizeof host || !consists_of(colon + 1, "0123456789", 1, 5) || colon[1] == '0')
        return false;
    memcpy(host, text, length);
    host[length] = '\0';
    unsigned long port = strtoul(colon + 1, NULL, 10);
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_port = htons((uint16_t)port);
    return port <= UINT16_MAX && inet_pton(AF_INET, host, &address->sin_addr) == 1 &&
           ntohl(address->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

static const char *check(struct request *request)
{
    switch (request->kind) {
    case REQUEST_IDENTITY:
        return check_identity(request);
    case REQUEST_WARMING:
        return request->warming ? NULL : "identity: warming can only be true";
    case REQUEST_EXEC:
        return check_exec(request);
    case REQUEST_STDIO:
        if (!valid_exec_id(request->exec))
            return "stdio: the id must match [a-z0-9]{1,16}";
        return request->fd >= 0 && request->fd <= 2 ? NULL : "stdio: fd must be 0, 1 or 2";
    case REQUEST_DIAL_UNIX:
        if (request->unix_path[0] != '/' || strlen(request->unix_path) >= sizeof ((struct sockaddr_un *)0)->sun_path)
            return "dial: unix must be an absolute path of at most 107 bytes";
        return NULL;
    case REQUEST_DIAL_TCP:
        return read_tcp_address(request->tcp, &request->tcp_address) ? NULL : "dial: tcp must be 127.x.y.z:port";
    case REQUEST_FREEZE:
        if (!consists_of(request->nonce, "0123456789abcdef", NONCE_DIGITS, NONCE_DIGITS))
            return "freeze: nonce must be 32 lower-case hex digits";
        return NULL;
    case REQUEST_POWEROFF:
        return NULL;
    }
    return "unreachable";
}

static bool read_checked(struct request *request, char fault[REQUEST_FAULT])
{
    const struct json_field *op = json_find(&request->json, "op");
    if (op == NULL || op->type != JSON_STRING) {
        snprintf(fault, REQUEST_FAULT, "the field op is missing or not a string");
        return false;
    }
    const struct form *form = find_form(&request->json, op->value.string);
    if (form == NULL) {
        snprintf(fault, REQUEST_FAULT, "unknown op %.64s", op->value.string);
        return false;
    }
    request->kind = form->kind;
    if (!fill_in(request, form, fault))
        return false;
    const char *wrong = check(request);
    if (wrong != NULL)
        snprintf(fault, REQUEST_FAULT, "%s", wrong);
    return wrong == NULL;
}

bool request_read(char *line, size_t length, struct request *request, char fault[REQUEST_FAULT])
{
    memset(request, 0, sizeof *request);
    const char *wrong = json_read(line, length, &request->json);
    if (wrong != NULL) {
        snprintf(fault, REQUEST_FAULT, "the opening line is not a flat JSON object: %s", wrong);
        return false;
    }
    if (read_checked(request, fault))
        return true;
    request_release(request);
    return false;
}

void request_release(struct request *request)
{
    json_release(&request->json);
}

static bool read_number(const struct json_object *json, const char *name, int64_t *number)
{
    const struct json_field *field = json_find(json, name);
    if (field == NULL || field->type != JSON_INTEGER)
        return false;
    *number = field->value.integer;
    return true;
}

bool request_read_control(char *line, size_t length, struct control *control)
{
    struct json_object json;
    int64_t number;
    if (json_read(line, length, &json) != NULL)
        return false;
    *control = (struct control){0};
    bool valid = json.count == 1 && read_number(&json, "signal", &number) && number >= 1 && number <= LAST_SIGNAL;
    if (valid)
        control->signal = (int)number;
    else
        valid = json.count == 2 && read_number(&json, "rows", &control->rows) &&
                read_number(&json, "cols", &control->columns) && valid_size(control->rows, control->columns);
    json_release(&json);
    return valid;
}
