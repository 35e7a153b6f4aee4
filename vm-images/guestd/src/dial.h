/* Connections from the host to a socket of this guest: the Docker daemon, published ports. */
#ifndef THAW_DIAL_H
#define THAW_DIAL_H

#include "conversation.h"
#include "request.h"

void dial_open(struct guest *guest, struct stream *stream, const struct request *request);

#endif
