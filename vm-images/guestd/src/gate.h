/* The identity gate: what makes a restored guest unlike its siblings before anything of a job runs in it. */
#ifndef THAW_GATE_H
#define THAW_GATE_H

#include "conversation.h"
#include "request.h"

void gate_answer(struct guest *guest, struct stream *stream, const struct request *request);

#endif
