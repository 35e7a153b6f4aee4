/*
 * Runs a target without libFuzzer: every seed as it is, then RUNS mutations of them. Deterministic, so that a failure
 * comes again: usage: driver RUNS CORPUS_DIRECTORY
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target.h"

#define MOST_SEEDS 256
#define LONGEST_INPUT 16384

struct seed {
    char name[128];
    uint8_t bytes[LONGEST_INPUT];
    size_t length;
};

static struct seed *seeds;
static size_t seed_count;
static uint64_t state = 0x9E3779B97F4A7C15u;

static uint64_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static size_t below(size_t limit)
{
    return limit == 0 ? 0 : (size_t)(next_random() % limit);
}

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct seed *)left)->name, ((const struct seed *)right)->name);
}

static void read_seeds(const char *path)
{
    DIR *directory = opendir(path);
    if (directory == NULL) {
        perror(path);
        exit(1);
    }
    for (struct dirent *entry; (entry = readdir(directory)) != NULL && seed_count < MOST_SEEDS;) {
        char file_path[1024];
        if (entry->d_name[0] == '.')
            continue;
        struct seed *seed = &seeds[seed_count++];
        snprintf(seed->name, sizeof seed->name, "%.127s", entry->d_name);
        snprintf(file_path, sizeof file_path, "%s/%s", path, entry->d_name);
        FILE *file = fopen(file_path, "rb");
        if (file == NULL) {
            perror(file_path);
            exit(1);
        }
        seed->length = fread(seed->bytes, 1, sizeof seed->bytes, file);
        fclose(file);
    }
    closedir(directory);
    /* The order of a directory is not the same everywhere. */
    qsort(seeds, seed_count, sizeof seeds[0], by_name);
    if (seed_count == 0) {
        fprintf(stderr, "driver: no seeds in %s\n", path);
        exit(1);
    }
}

static size_t insert(uint8_t *bytes, size_t length, size_t at, const uint8_t *from, size_t count)
{
    if (count > LONGEST_INPUT - length)
        count = LONGEST_INPUT - length;
    memmove(bytes + at + count, bytes + at, length - at);
    memcpy(bytes + at, from, count);
    return length + count;
}

static size_t mutate(uint8_t *bytes, size_t length)
{
    static const uint8_t interesting[] = {0, 1, 2, 4, 8, 15, 16, 0x7F, 0x80, 0xFF, '"', '\\', '\n', '{', '}', ','};
    size_t at = below(length);
    switch (below(7)) {
    case 0:
        if (length > 0)
            bytes[at] ^= (uint8_t)(1u << below(8));
        return length;
    case 1:
        if (length > 0)
            bytes[at] = interesting[below(sizeof interesting)];
        return length;
    case 2:
        if (length > 0)
            bytes[at] = (uint8_t)next_random();
        return length;
    case 3: {
        size_t count = 1 + below(length - at < 16 ? length - at : 16);
        if (at + count > length)
            return length;
        memmove(bytes + at, bytes + at + count, length - at - count);
        return length - count;
    }
    case 4: {
        uint8_t few[4] = {(uint8_t)next_random(), (uint8_t)next_random(), 0, 1};
        return insert(bytes, length, at, few, 1 + below(4));
    }
    case 5: {
        /* A piece of another seed: frames of one conversation inside another. */
        const struct seed *other = &seeds[below(seed_count)];
        size_t from = below(other->length), most = other->length - from;
        return insert(bytes, length, at, other->bytes + from, 1 + below(most < 400 ? most : 400));
    }
    default:
        return at == 0 ? length : at;
    }
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s RUNS CORPUS_DIRECTORY\n", argv[0]);
        return 2;
    }
    unsigned long runs = strtoul(argv[1], NULL, 10);
    seeds = calloc(MOST_SEEDS, sizeof seeds[0]);
    uint8_t *work = malloc(LONGEST_INPUT);
    if (seeds == NULL || work == NULL)
        return 1;
    read_seeds(argv[2]);
    for (size_t i = 0; i < seed_count; i++)
        LLVMFuzzerTestOneInput(seeds[i].bytes, seeds[i].length);
    for (unsigned long run = 0; run < runs; run++) {
        const struct seed *seed = &seeds[below(seed_count)];
        size_t length = seed->length;
        memcpy(work, seed->bytes, length);
        for (size_t count = 1 + below(6); count > 0; count--)
            length = mutate(work, length);
        /* In memory of its own size, so that the sanitizer sees a byte read too many. */
        uint8_t *exact = malloc(length == 0 ? 1 : length);
        memcpy(exact, work, length);
        LLVMFuzzerTestOneInput(exact, length);
        free(exact);
    }
    printf("%s: %zu seeds, %lu mutations, nothing found\n", argv[2], seed_count, runs);
    free(work);
    free(seeds);
    return 0;
}
