// Draws a job's output.

import { dress } from './ansi.js';
import { el, save, say, seen } from './dom.js';
import { events, outputOf } from './events.js';
import { bytes } from './format.js';
import { Output } from './output.js';

/** Bytes after which what was fetched goes to a blob, which the browser may put on the disk. */
const PIECE = 8 << 20;

/** The panel with the output, kept at its end while somebody wants to follow. */
export class LogPanel {
  #id;
  #output = new Output();
  #size = 0;
  #follows = true;
  #planned = false;
  #lines = el('div', { class: 'lines' });
  #missing = el('p', { class: 'missing', hidden: true });
  #empty = el('p', { class: 'missing' }, 'No output yet.');
  #scroller = el(
    'div',
    { class: 'log', tabindex: '0', role: 'region', 'aria-label': 'Output' },
    this.#missing,
    this.#empty,
    this.#lines,
  );
  #follow = toggle('Follow', true, (on) => this.#setFollow(on));
  #wrap = toggle('Wrap lines', true, (on) => this.#lines.classList.toggle('unwrapped', !on));
  #figure = el('span', { class: 'figure' });
  #saver = el('button', { type: 'button', title: 'All of it, as the build wrote it', on: { click: () => this.#save() } }, 'Save log');
  #signal;

  constructor(id, signal) {
    this.#id = id;
    this.#signal = signal;
    this.element = el(
      'section',
      { class: 'panel output', 'aria-labelledby': 'log-title' },
      el(
        'div',
        { class: 'panel-head' },
        el('h2', { id: 'log-title' }, 'Output ', this.#figure),
        el('div', { class: 'tools' }, this.#follow, this.#wrap, this.#saver),
      ),
      this.#scroller,
    );
    this.#scroller.addEventListener('scroll', () => {
      const { scrollTop, clientHeight, scrollHeight } = this.#scroller;
      this.#setFollow(scrollTop + clientHeight >= scrollHeight - 4);
    });
  }

  /** Takes an event of output. */
  take(event) {
    const chunk = outputOf(event.data);
    this.#size += chunk.length;
    this.#output.take(event.stream, chunk);
    this.#plan();
  }

  /** Says something between the lines. */
  remark(text) {
    this.#output.remark(text);
    this.#plan();
  }

  /** There is no more output. */
  end() {
    this.#output.end();
    say(this.#empty, 'There was no output.');
    this.#plan();
  }

  #plan() {
    if (!this.#planned) {
      this.#planned = true;
      requestAnimationFrame(() => {
        this.#planned = false;
        this.#draw();
      });
    }
  }

  #draw() {
    const output = this.#output;
    output.gone.forEach((line) => line.element.remove());
    output.gone = [];
    const added = [];
    for (const line of output.lines) {
      if (line.element === undefined) {
        line.element = el('div', { class: 'line', 'data-number': line.number });
        added.push(line.element);
      }
      if (line.changed) {
        line.changed = false;
        line.element.replaceChildren(...runs(line));
      }
    }
    this.#lines.append(...added);
    this.#empty.hidden = output.lines.length > 0;
    this.#missing.hidden = output.dropped === 0;
    if (output.dropped > 0) {
      say(this.#missing, `${output.dropped.toLocaleString('en-GB')} earlier lines are not shown here; save the log to have them.`);
    }
    say(this.#figure, this.#size > 0 ? bytes(this.#size) : '');
    if (this.#follows) {
      this.#scroller.scrollTop = this.#scroller.scrollHeight;
    }
  }

  #setFollow(on) {
    if (on !== this.#follows) {
      this.#follows = on;
      this.#follow.setAttribute('aria-pressed', on);
      if (on) {
        this.#scroller.scrollTop = this.#scroller.scrollHeight;
      }
    }
  }

  async #save() {
    const label = this.#saver.textContent;
    this.#saver.disabled = true;
    try {
      save(await this.#whole((size) => say(this.#saver, `Saving, ${bytes(size)}`)), `${this.#id}.log`);
      say(this.#saver, label);
    } catch (error) {
      say(this.#saver, 'Not saved; try again');
      if (!this.#signal.aborted) {
        console.warn(error);
      }
    } finally {
      this.#saver.disabled = false;
    }
  }

  /** All output that there is by now, as the build wrote it. */
  async #whole(progress) {
    const pieces = [];
    let chunks = [];
    let size = 0;
    let held = 0;
    for await (const event of events(this.#id, 0, this.#signal, false)) {
      if (event.data.type === 'log') {
        const chunk = outputOf(event.data.data);
        chunks.push(chunk);
        held += chunk.length;
        size += chunk.length;
      }
      if (held >= PIECE) {
        pieces.push(new Blob(chunks));
        chunks = [];
        held = 0;
        progress(size);
      }
    }
    return new Blob([...pieces, ...chunks], { type: 'text/plain' });
  }
}

function runs(line) {
  const nodes = line.runs.map(({ text, style, stream }) => {
    const span = el('span', { class: stream });
    dress(span, style);
    span.append(...seen(text));
    return span;
  });
  if (line.over > 0) {
    nodes.push(el('span', { class: 'remark' }, ` … ${line.over.toLocaleString('en-GB')} more characters in this line`));
  }
  return nodes;
}

function toggle(label, pressed, changed) {
  const button = el('button', { type: 'button', 'aria-pressed': pressed }, label);
  button.addEventListener('click', () => {
    const on = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', on);
    changed(on);
  });
  return button;
}
