#include "channel.h"

void channel_list_append(struct channel_list *list, struct channel *channel)
{
    channel->in_list = true;
    channel->next = NULL;
    channel->previous = list->last;
    if (list->last == NULL)
        list->first = channel;
    else
        list->last->next = channel;
    list->last = channel;
    list->count++;
}

void channel_list_remove(struct channel_list *list, struct channel *channel)
{
    channel->in_list = false;
    if (channel->previous == NULL)
        list->first = channel->next;
    else
        channel->previous->next = channel->next;
    if (channel->next == NULL)
        list->last = channel->previous;
    else
        channel->next->previous = channel->previous;
    list->count--;
}
