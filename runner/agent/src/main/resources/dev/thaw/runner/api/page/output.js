// What is kept of a job's output for looking at it: the last lines, within limits, whatever arrives.

import { AnsiReader } from './ansi.js';
import { signs } from './dom.js';

const LIMITS = { lines: 5000, weight: 2 << 20, line: 8000, runs: 300 };
/** What an element costs beside its characters: one for each run of one style, and for each sign. */
const RUN = 64;

/** Lines `{number, runs: [{text, style, stream}], over, changed, element}`; the last is the one being written. */
export class Output {
  #limits;
  #streams = new Map();
  #weight = 0;
  #restarted = false;
  /** The lines kept, and those thrown away since the last look. */
  lines = [];
  gone = [];
  /** How many there were before the first of them. */
  dropped = 0;

  constructor(limits = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  /** Takes bytes of `stdout` or `stderr`. */
  take(stream, bytes) {
    let reader = this.#streams.get(stream);
    if (reader === undefined) {
      reader = { decoder: new TextDecoder(), ansi: new AnsiReader(this.#sink(stream)) };
      this.#streams.set(stream, reader);
    }
    reader.ansi.feed(reader.decoder.decode(bytes, { stream: true }));
    this.#drop();
  }

  /** There is no more, or something else begins. */
  end() {
    for (const { decoder, ansi } of this.#streams.values()) {
      ansi.feed(decoder.decode());
      ansi.end();
    }
    this.#streams.clear();
  }

  /** A line that is not the build's. */
  remark(text) {
    this.end();
    if (this.#last()?.runs.length > 0) {
      this.#newLine();
    }
    this.#write(text, {}, 'remark');
    this.#newLine();
  }

  #sink(stream) {
    return {
      text: (text, style) => this.#write(text, style, stream),
      newLine: () => this.#newLine(),
      restart: () => {
        this.#restarted = true;
      },
    };
  }

  #last() {
    return this.lines[this.lines.length - 1];
  }

  #add() {
    const line = { number: this.dropped + this.lines.length + 1, runs: [], size: 0, over: 0, weight: RUN, changed: true };
    this.lines.push(line);
    this.#weight += line.weight;
    // Not line by line: a shift of thousands costs as much as one.
    if (this.lines.length > 2 * this.#limits.lines) {
      this.#drop();
    }
    return line;
  }

  #newLine() {
    if (this.lines.length === 0) {
      this.#add();
    }
    this.#restarted = false;
    this.#add();
  }

  #write(text, style, stream) {
    const line = this.#last() ?? this.#add();
    if (this.#restarted) {
      // A carriage return alone: what follows takes the place of what was there, as a progress bar wants it.
      this.#restarted = false;
      this.#weight += RUN - line.weight;
      Object.assign(line, { runs: [], size: 0, over: 0, weight: RUN });
    }
    const room = Math.max(0, this.#limits.line - line.size);
    const shown = text.slice(0, room);
    line.over += text.length - shown.length;
    line.changed = true;
    if (shown !== '') {
      this.#append(line, shown, style, stream);
    }
  }

  #append(line, text, style, stream) {
    const last = line.runs[line.runs.length - 1];
    const before = line.weight;
    line.size += text.length;
    line.weight += text.length + RUN * signs(text);
    if (last !== undefined && ((last.style === style && last.stream === stream) || line.runs.length >= this.#limits.runs)) {
      last.text += text;
    } else {
      line.runs.push({ text, style, stream });
      line.weight += RUN;
    }
    this.#weight += line.weight - before;
  }

  #drop() {
    let count = 0;
    while (
      this.lines.length - count > 1 &&
      (this.lines.length - count > this.#limits.lines || this.#weight > this.#limits.weight)
    ) {
      this.#weight -= this.lines[count].weight;
      count++;
    }
    if (count > 0) {
      this.dropped += count;
      for (const line of this.lines.splice(0, count)) {
        if (line.element !== undefined) {
          this.gone.push(line);
        }
      }
    }
  }
}
