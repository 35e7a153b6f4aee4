#include "../src/yamux.h"

#include <stdlib.h>

#include "../src/bytes.h"
#include "check.h"

/* A server whose events are written down as text, with the stream's id behind each. */
static struct yamux yamux;
static struct outbox outbox;
static struct stream *streams[4096];
static char events[65536];
static size_t received;

static void note(const char *event, const struct stream *stream)
{
    if (strlen(events) < sizeof events - 32)
        sprintf(events + strlen(events), "%s%u ", event, stream->id);
}

static void on_opened(void *context, struct stream *stream)
{
    (void)context;
    streams[stream->id] = stream;
    note("open", stream);
}

static void on_data(void *context, struct stream *stream, const uint8_t *bytes, size_t count)
{
    (void)context;
    (void)stream;
    for (size_t i = 0; i < count; i++)
        CHECK(bytes[i] == (uint8_t)received++);
}

static void on_finished(void *context, struct stream *stream)
{
    (void)context;
    note("fin", stream);
}

static void on_granted(void *context, struct stream *stream)
{
    (void)context;
    note("grant", stream);
}

static void on_gone(void *context, struct stream *stream, enum stream_end end)
{
    (void)context;
    streams[stream->id] = NULL;
    note(end == STREAM_CLOSED ? "closed" : end == STREAM_RESET ? "reset" : "forgotten", stream);
}

static const struct yamux_events recorder = {on_opened, on_data, on_finished, on_granted, on_gone};

static void begin(void)
{
    if (yamux.events != NULL)
        yamux_reset(&yamux);
    outbox_reset(&outbox);
    yamux_init(&yamux, &outbox, &recorder, NULL);
    events[0] = '\0';
    received = 0;
}

static void header(unsigned version, unsigned type, unsigned flags, uint32_t id, uint32_t length)
{
    uint8_t frame[YAMUX_HEADER] = {(uint8_t)version, (uint8_t)type, 0, (uint8_t)flags};
    frame[2] = (uint8_t)(flags >> 8);
    put_be32(frame + 4, id);
    put_be32(frame + 8, length);
    yamux_input(&yamux, frame, sizeof frame);
}

/* Payload that counts on from what was received before. */
static void payload(size_t count)
{
    uint8_t *bytes = malloc(count);
    for (size_t i = 0; i < count; i++)
        bytes[i] = (uint8_t)(received + i);
    yamux_input(&yamux, bytes, count);
    free(bytes);
}

static void data(unsigned flags, uint32_t id, uint32_t length)
{
    header(0, YAMUX_DATA, flags, id, length);
    if (yamux.breach == NULL && length > 0)
        payload(length);
}

/* The next frame out: "type flags id length", its payload left out. */
static const char *next_out(void)
{
    static char text[64];
    uint8_t frame[YAMUX_HEADER];
    size_t count, have = 0;
    while (have < sizeof frame) {
        const uint8_t *front = outbox_front(&outbox, sizeof frame - have, &count);
        if (count == 0)
            return "";
        memcpy(frame + have, front, count);
        outbox_sent(&outbox, count);
        have += count;
    }
    sprintf(text, "%u %u %u %u", frame[1], get_be16(frame + 2), get_be32(frame + 4), get_be32(frame + 8));
    for (size_t left = frame[1] == YAMUX_DATA ? get_be32(frame + 8) : 0; left > 0; left -= count) {
        outbox_front(&outbox, left, &count);
        outbox_sent(&outbox, count);
    }
    return text;
}

static bool breached(void)
{
    bool result = yamux.breach != NULL;
    begin();
    return result;
}

TEST(a_stream_is_opened_acknowledged_filled_and_closed_both_ways)
{
    begin();
    data(YAMUX_SYN, 1, 1000);
    header(0, YAMUX_WINDOW_UPDATE, YAMUX_FIN, 1, 0);
    CHECK(yamux_send(&yamux, streams[1], "answer", 6));
    yamux_finish(&yamux, streams[1]);
    CHECK_TEXT(events, "open1 fin1 closed1 ");
    CHECK(received == 1000 && yamux.open_streams == 0);
    CHECK_TEXT(next_out(), "1 2 1 0");
    CHECK_TEXT(next_out(), "0 0 1 6");
    CHECK_TEXT(next_out(), "1 4 1 0");
    CHECK_TEXT(next_out(), "");
}

TEST(frames_may_come_in_any_pieces)
{
    begin();
    uint8_t stream[3 * YAMUX_HEADER + 300] = {0, YAMUX_WINDOW_UPDATE, 0, YAMUX_SYN, 0, 0, 0, 7, 0, 0, 0, 5,
                                              0, YAMUX_DATA, 0, YAMUX_FIN, 0, 0, 0, 7, 0, 0, 1, 44};
    for (int i = 0; i < 300; i++)
        stream[2 * YAMUX_HEADER + i] = (uint8_t)i;
    memcpy(stream + 2 * YAMUX_HEADER + 300, (uint8_t[]){0, YAMUX_PING, 0, YAMUX_SYN, 0, 0, 0, 0, 1, 2, 3, 4}, 12);
    for (size_t i = 0; i < sizeof stream; i++)
        CHECK(yamux_input(&yamux, stream + i, 1) == 1);
    CHECK_TEXT(events, "open7 grant7 fin7 ");
    CHECK(received == 300 && yamux.breach == NULL && streams[7]->send_window == YAMUX_INITIAL_WINDOW + 5);
    next_out();
    CHECK_TEXT(next_out(), "2 2 0 16909060");
}

TEST(another_version_is_a_breach)
{
    begin();
    header(1, YAMUX_DATA, YAMUX_SYN, 1, 0);
    CHECK(breached());
}

TEST(an_unknown_type_or_flag_is_a_breach)
{
    begin();
    header(0, 4, 0, 0, 0);
    CHECK(breached());
    header(0, YAMUX_DATA, YAMUX_SYN | 16, 1, 0);
    CHECK(breached());
    header(0, YAMUX_PING, YAMUX_SYN | 256, 0, 0);
    CHECK(breached());
    header(0, YAMUX_PING, YAMUX_SYN, 1, 0);
    CHECK(breached());
}

TEST(a_data_frame_may_fill_the_window_and_not_exceed_it)
{
    begin();
    data(YAMUX_SYN, 1, 100);
    data(0, 1, YAMUX_INITIAL_WINDOW - 100);
    CHECK(yamux.breach == NULL && received == YAMUX_INITIAL_WINDOW);
    data(0, 1, 1);
    CHECK(breached());
}

TEST(a_data_frame_longer_than_256_kib_is_a_breach_whatever_the_window)
{
    begin();
    data(YAMUX_SYN, 1, YAMUX_MAX_PAYLOAD);
    yamux_consumed(&yamux, streams[1], YAMUX_MAX_PAYLOAD, true);
    CHECK(streams[1]->receive_window > YAMUX_MAX_PAYLOAD);
    data(0, 1, YAMUX_MAX_PAYLOAD + 1);
    CHECK(breached());
    /* Also when the stream is closed and nobody would keep the bytes. */
    data(YAMUX_SYN, 1, 0);
    header(0, YAMUX_WINDOW_UPDATE, YAMUX_RST, 1, 0);
    data(0, 1, YAMUX_MAX_PAYLOAD + 1);
    CHECK(breached());
}

TEST(stream_ids_are_odd_and_increase)
{
    begin();
    data(YAMUX_SYN, 2, 0);
    CHECK(breached());
    data(YAMUX_SYN, 0, 0);
    CHECK(breached());
    data(YAMUX_SYN, 5, 0);
    data(YAMUX_SYN, 5, 0);
    CHECK(breached());
    data(YAMUX_SYN, 5, 0);
    data(YAMUX_SYN, 3, 0);
    CHECK(breached());
    data(YAMUX_SYN, 5, 0);
    data(YAMUX_SYN, 9, 0);
    CHECK(!breached());
}

TEST(a_frame_for_a_stream_that_never_existed_is_a_breach)
{
    begin();
    data(0, 1, 0);
    CHECK(breached());
    header(0, YAMUX_WINDOW_UPDATE, 0, 2, 1);
    CHECK(breached());
    header(0, YAMUX_WINDOW_UPDATE, YAMUX_RST, 0, 0);
    CHECK(breached());
}

TEST(a_frame_for_a_closed_stream_is_ignored)
{
    begin();
    data(YAMUX_SYN, 1, 0);
    header(0, YAMUX_WINDOW_UPDATE, YAMUX_RST, 1, 0);
    data(0, 1, 5000);
    header(0, YAMUX_WINDOW_UPDATE, YAMUX_FIN, 1, 77);
    CHECK(yamux.breach == NULL && received == 0);
    CHECK_TEXT(events, "open1 reset1 ");
    data(YAMUX_SYN, 3, 7);
    CHECK(received == 7);
}

TEST(data_behind_a_fin_is_ignored)
{
    begin();
    data(YAMUX_SYN | YAMUX_FIN, 1, 10);
    header(0, YAMUX_DATA, 0, 1, 3);
    yamux_input(&yamux, (const uint8_t *)"xyz", 3);
    CHECK(yamux.breach == NULL && received == 10);
}

TEST(a_window_goes_up_to_16_mib_and_not_beyond)
{
    begin();
    data(YAMUX_SYN, 1, 0);
    header(0, YAMUX_WINDOW_UPDATE, 0, 1, YAMUX_MAX_WINDOW - YAMUX_INITIAL_WINDOW);
    CHECK(yamux.breach == NULL && streams[1]->send_window == YAMUX_MAX_WINDOW);
    header(0, YAMUX_WINDOW_UPDATE, 0, 1, 1);
    CHECK(breached());
    header(0, YAMUX_WINDOW_UPDATE, YAMUX_SYN, 1, UINT32_MAX);
    CHECK(breached());
}

TEST(streams_beyond_1024_are_answered_with_a_reset)
{
    begin();
    for (uint32_t i = 0; i < YAMUX_MAX_STREAMS; i++)
        data(YAMUX_SYN, 2 * i + 1, 0);
    while (*next_out() != '\0')
        continue;
    data(YAMUX_SYN, 2049, 20);
    CHECK(yamux.breach == NULL && yamux.open_streams == YAMUX_MAX_STREAMS && received == 0);
    CHECK_TEXT(next_out(), "1 8 2049 0");
    header(0, YAMUX_WINDOW_UPDATE, YAMUX_RST, 1, 0);
    data(YAMUX_SYN, 2051, 0);
    CHECK(yamux.open_streams == YAMUX_MAX_STREAMS && streams[2051] != NULL);
}

TEST(window_is_granted_as_the_consumer_takes_bytes_and_not_before)
{
    begin();
    data(YAMUX_SYN, 1, 200000);
    CHECK_TEXT(next_out(), "1 2 1 0");
    CHECK_TEXT(next_out(), "");
    yamux_consumed(&yamux, streams[1], 100000, false);
    CHECK_TEXT(next_out(), "");
    yamux_consumed(&yamux, streams[1], 100000, false);
    CHECK_TEXT(next_out(), "1 0 1 200000");
    CHECK(streams[1]->receive_window == YAMUX_INITIAL_WINDOW);
}

TEST(window_grows_to_4_mib_for_a_consumer_that_keeps_up)
{
    begin();
    data(YAMUX_SYN, 1, 0);
    for (int i = 0; i < 200; i++) {
        data(0, 1, 65536);
        yamux_consumed(&yamux, streams[1], 65536, true);
    }
    CHECK(yamux.breach == NULL && streams[1]->window_size == YAMUX_GROWN_WINDOW);
    CHECK(streams[1]->receive_window <= YAMUX_GROWN_WINDOW);
}

TEST(nothing_is_sent_without_window)
{
    begin();
    size_t room;
    data(YAMUX_SYN, 1, 0);
    while (yamux_reserve(&yamux, streams[1], &room) != NULL)
        yamux_commit(&yamux, streams[1], room);
    CHECK(streams[1]->send_window == 0 && !yamux_send(&yamux, streams[1], "x", 1));
    CHECK(outbox.data.length < YAMUX_INITIAL_WINDOW + 1024);
    header(0, YAMUX_WINDOW_UPDATE, 0, 1, 10);
    CHECK_TEXT(events, "open1 grant1 ");
    CHECK(yamux_reserve(&yamux, streams[1], &room) != NULL && room == 10);
}

TEST(control_frames_pass_data_between_two_frames_and_never_inside_one)
{
    begin();
    size_t room, count;
    data(YAMUX_SYN, 1, 0);
    next_out();
    for (int i = 0; i < 2; i++) {
        yamux_reserve(&yamux, streams[1], &room);
        yamux_commit(&yamux, streams[1], 5000);
    }
    outbox_front(&outbox, 2000, &count);
    outbox_sent(&outbox, count);
    header(0, YAMUX_PING, YAMUX_SYN, 0, 9);
    outbox_front(&outbox, 32768, &count);
    CHECK(count == YAMUX_HEADER + 5000 - 2000);
    outbox_sent(&outbox, count);
    CHECK_TEXT(next_out(), "2 2 0 9");
    CHECK_TEXT(next_out(), "0 0 1 5000");
}

TEST(a_forgotten_session_lets_every_stream_go)
{
    begin();
    data(YAMUX_SYN, 1, 0);
    data(YAMUX_SYN, 3, 0);
    yamux_reset(&yamux);
    CHECK(strstr(events, "forgotten1 ") != NULL && strstr(events, "forgotten3 ") != NULL);
    CHECK(yamux.open_streams == 0 && yamux.last_id == 0);
}
