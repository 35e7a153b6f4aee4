/* A test is TEST(name_as_a_sentence) { … }; a CHECK that does not hold ends it. */
#ifndef THAW_CHECK_H
#define THAW_CHECK_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct test {
    const char *name;
    void (*run)(void);
    struct test *next;
};

void check_register(struct test *test);
void check_failed(const char *file, int line, const char *what) __attribute__((noreturn));

#define TEST(name)                                                                                                     \
    static void name(void);                                                                                            \
    static struct test name##_test = {#name, name, NULL};                                                              \
    __attribute__((constructor)) static void name##_register(void)                                                     \
    {                                                                                                                  \
        check_register(&name##_test);                                                                                  \
    }                                                                                                                  \
    static void name(void)

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            check_failed(__FILE__, __LINE__, #condition);                                                              \
    } while (0)

#define CHECK_TEXT(actual, expected)                                                                                   \
    do {                                                                                                               \
        const char *actual_ = (actual), *expected_ = (expected);                                                       \
        char what_[2048];                                                                                              \
        if (actual_ == NULL || strcmp(actual_, expected_) != 0) {                                                      \
            snprintf(what_, sizeof what_, "expected \"%.800s\", got \"%.800s\"", expected_,                                \
                     actual_ == NULL ? "nothing" : actual_);                                                           \
            check_failed(__FILE__, __LINE__, what_);                                                                   \
        }                                                                                                              \
    } while (0)

#endif
