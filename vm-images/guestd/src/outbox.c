#include "outbox.h"

#include "bytes.h"
#include "yamux.h"

void outbox_reset(struct outbox *outbox)
{
    byte_queue_clear(&outbox->control);
    byte_queue_clear(&outbox->data);
    outbox->frame_left = 0;
}

size_t outbox_length(const struct outbox *outbox)
{
    return outbox->control.length + outbox->data.length;
}

const uint8_t *outbox_front(struct outbox *outbox, size_t limit, size_t *count)
{
    bool control_waits = outbox->control.length > 0;
    outbox->sending_control = control_waits && outbox->frame_left == 0;
    const uint8_t *front = byte_queue_front(outbox->sending_control ? &outbox->control : &outbox->data, count);
    if (control_waits && !outbox->sending_control && *count > outbox->frame_left)
        *count = outbox->frame_left;
    if (*count > limit)
        *count = limit;
    return front;
}

void outbox_sent(struct outbox *outbox, size_t count)
{
    if (outbox->sending_control) {
        byte_queue_drop(&outbox->control, count);
        return;
    }
    /* Frames lie whole in their block, header first, so a header can be read where the last frame ended. */
    size_t in_front;
    const uint8_t *front = byte_queue_front(&outbox->data, &in_front);
    for (size_t passed = 0; passed < count;) {
        if (outbox->frame_left == 0) {
            const uint8_t *header = front + passed;
            outbox->frame_left = YAMUX_HEADER + (header[1] == YAMUX_DATA ? get_be32(header + 8) : 0);
        }
        size_t part = count - passed < outbox->frame_left ? count - passed : outbox->frame_left;
        outbox->frame_left -= part;
        passed += part;
    }
    byte_queue_drop(&outbox->data, count);
}
