// A job's story: server-sent events, read with fetch, since EventSource cannot send a token.

import { Refused, path, pause, request } from './api.js';

const SOONEST = 300;
const LATEST = 5000;

/** Cuts a stream of text into events: `{id, data}`, `data` parsed. */
export class EventCutter {
  #rest = '';
  #id = null;
  #data = null;

  /** The events that are complete with this text. */
  *cut(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop();
    for (const line of lines) {
      if (line.startsWith('id: ')) {
        this.#id = Number(line.slice(4));
      } else if (line.startsWith('data: ')) {
        this.#data = line.slice(6);
      } else if (line === '' && this.#data !== null) {
        yield { id: this.#id, data: JSON.parse(this.#data) };
        this.#data = null;
      }
    }
  }
}

/** One connection's events from an offset; not to be followed: those that there are. */
export async function* events(id, offset, signal, followed = true) {
  const response = await request(`${path('jobs', id, 'events')}?offset=${offset}&follow=${followed}`, { signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const cutter = new EventCutter();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    yield* cutter.cut(read.value);
  }
}

/** Follows a job up to its end, over as many connections as it takes; `heard(event)` for each event. */
export async function follow(id, heard, lost, signal) {
  let next = 0;
  let wait = SOONEST;
  while (!signal.aborted) {
    try {
      for await (const event of events(id, next, signal)) {
        next = event.id;
        wait = SOONEST;
        lost(null);
        heard(event.data);
        if (event.data.type === 'ended') {
          return;
        }
      }
      // The agent stops, or somebody in between has had enough; either way it goes on there.
    } catch (error) {
      lost(error);
      if (signal.aborted || (error instanceof Refused && error.status < 500)) {
        return;
      }
    }
    await pause(wait, signal).catch(() => {});
    wait = Math.min(wait * 2, LATEST);
  }
}

/** The bytes of an event's output. */
export function outputOf(data) {
  return Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
}
