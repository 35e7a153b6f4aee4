/* Runs every test of the program, or those whose name contains the first argument. */
#include "check.h"

#include <stdlib.h>

static struct test *first, **last = &first;
static jmp_buf test_end;

void check_register(struct test *test)
{
    *last = test;
    last = &test->next;
}

void check_failed(const char *file, int line, const char *what)
{
    printf("     %s:%d: %s\n", file, line, what);
    longjmp(test_end, 1);
}

/* Apart from main(), whose variables a longjmp would leave undefined. */
static bool holds(const struct test *test)
{
    if (setjmp(test_end) != 0)
        return false;
    test->run();
    return true;
}

int main(int argc, char **argv)
{
    int passed = 0, failed = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (const struct test *test = first; test != NULL; test = test->next) {
        if (argc > 1 && strstr(test->name, argv[1]) == NULL)
            continue;
        bool held = holds(test);
        printf("%s %s\n", held ? "ok  " : "FAIL", test->name);
        passed += held;
        failed += !held;
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0 || passed == 0;
}
