/* Bytes in order, in blocks: what a slow side has not taken yet. */
#ifndef THAW_BYTE_QUEUE_H
#define THAW_BYTE_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#define BYTE_QUEUE_BLOCK 65536

struct block {
    struct block *next;
    size_t head, tail;
    uint8_t bytes[BYTE_QUEUE_BLOCK];
};

struct byte_queue {
    struct block *first, *last;
    size_t length;
};

/* Contiguous room at the end, at least `wanted` (<= BYTE_QUEUE_BLOCK) bytes; `*room` says how much there is. */
uint8_t *byte_queue_reserve(struct byte_queue *queue, size_t wanted, size_t *room);
void byte_queue_commit(struct byte_queue *queue, size_t count);
void byte_queue_append(struct byte_queue *queue, const void *bytes, size_t count);

/* The contiguous bytes at the front; `*count` is 0 when the queue is empty. */
const uint8_t *byte_queue_front(const struct byte_queue *queue, size_t *count);
void byte_queue_drop(struct byte_queue *queue, size_t count);
void byte_queue_clear(struct byte_queue *queue);

/* Memory or the end of guestd: a guest that cannot allocate is a lost guest. */
void *allocate(size_t size);
void *reallocate(void *memory, size_t size);

#endif
