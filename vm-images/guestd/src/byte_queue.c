#include "byte_queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *reallocate(void *memory, size_t size)
{
    void *moved = realloc(memory, size);
    if (moved == NULL) {
        fprintf(stderr, "guestd: out of memory\n");
        abort();
    }
    return moved;
}

void *allocate(size_t size)
{
    void *memory = reallocate(NULL, size);
    memset(memory, 0, size);
    return memory;
}

/*
 * Emptied blocks, kept for the next queue that needs one. The C library would give each back to the kernel, and taking
 * it again costs sixteen page faults for 64 KiB of output.
 */
static struct block *spare;
static size_t spare_count;

#define MOST_SPARE 8

static struct block *take_block(void)
{
    struct block *block = spare;
    if (block == NULL)
        return reallocate(NULL, sizeof *block);
    spare = block->next;
    spare_count--;
    return block;
}

static void give_block(struct block *block)
{
    if (spare_count == MOST_SPARE) {
        free(block);
        return;
    }
    block->next = spare;
    spare = block;
    spare_count++;
}

static struct block *add_block(struct byte_queue *queue)
{
    struct block *block = take_block();
    block->next = NULL;
    block->head = block->tail = 0;
    if (queue->last == NULL)
        queue->first = block;
    else
        queue->last->next = block;
    queue->last = block;
    return block;
}

uint8_t *byte_queue_reserve(struct byte_queue *queue, size_t wanted, size_t *room)
{
    struct block *block = queue->last;
    if (block == NULL || BYTE_QUEUE_BLOCK - block->tail < wanted)
        block = add_block(queue);
    *room = BYTE_QUEUE_BLOCK - block->tail;
    return block->bytes + block->tail;
}

void byte_queue_commit(struct byte_queue *queue, size_t count)
{
    queue->last->tail += count;
    queue->length += count;
}

void byte_queue_append(struct byte_queue *queue, const void *bytes, size_t count)
{
    const uint8_t *from = bytes;
    while (count > 0) {
        size_t room;
        uint8_t *to = byte_queue_reserve(queue, 1, &room);
        size_t part = count < room ? count : room;
        memcpy(to, from, part);
        byte_queue_commit(queue, part);
        from += part;
        count -= part;
    }
}

/* A block that was too full for a reservation may stand empty in front of the one that took it. */
static void release_emptied(struct byte_queue *queue)
{
    while (queue->first != NULL && queue->first->head == queue->first->tail) {
        struct block *block = queue->first;
        queue->first = block->next;
        if (queue->first == NULL)
            queue->last = NULL;
        give_block(block);
    }
}

const uint8_t *byte_queue_front(const struct byte_queue *queue, size_t *count)
{
    const struct block *block = queue->first;
    if (block == NULL || queue->length == 0) {
        *count = 0;
        return NULL;
    }
    *count = block->tail - block->head;
    return block->bytes + block->head;
}

void byte_queue_drop(struct byte_queue *queue, size_t count)
{
    queue->length -= count;
    while (count > 0) {
        struct block *block = queue->first;
        size_t part = block->tail - block->head;
        if (part > count)
            part = count;
        block->head += part;
        count -= part;
        release_emptied(queue);
    }
}

void byte_queue_clear(struct byte_queue *queue)
{
    while (queue->first != NULL) {
        struct block *block = queue->first;
        queue->first = block->next;
        give_block(block);
    }
    queue->last = NULL;
    queue->length = 0;
}
