// Reads what programs write to terminals: colours are kept, all else that would move, hide or replace is left out.
// What is no complete sequence stays text.

const SPECIAL = /[\u001b\n\r]/g;
const CSI = /\u001b\[([0-9:;<=>?]*)[ -/]*([@-~])/y;
// Titles, links and the like: up to BEL or ST.
const STRING = /\u001b[\]P^_X][^\u0007\u001b\n]*(?:\u0007|\u001b\\)/y;
const SHORT = /\u001b[ -/]*[0-OQ-WYZ\\`-~]/y;
const UNFINISHED = /\u001b(?:\[[0-9:;<=>?]*[ -/]*|[\]P^_X][^\u0007\u001b\n]*\u001b?|[ -/]*)$/y;
const LONGEST = 1024;
const MOST_PARAMETERS = 32;

/** How text looks without any colours. */
export const PLAIN = Object.freeze({});

/** Turns a stream of text, in pieces cut anywhere, into calls of `text(string, style)`, `newLine()`, `restart()`. */
export class AnsiReader {
  #sink;
  #style = PLAIN;
  #held = '';

  constructor(sink) {
    this.#sink = sink;
  }

  feed(piece) {
    const input = this.#held + piece;
    this.#held = '';
    let at = 0;
    while (at < input.length) {
      SPECIAL.lastIndex = at;
      const found = SPECIAL.exec(input);
      const next = found === null ? input.length : found.index;
      if (next > at) {
        this.#sink.text(input.slice(at, next), this.#style);
      }
      at = next < input.length ? this.#special(input, next) : next;
    }
  }

  /** There is no more: what was held back is text. */
  end() {
    if (this.#held !== '') {
      this.#sink.text(this.#held, this.#style);
      this.#held = '';
    }
  }

  #special(input, at) {
    if (input[at] === '\n') {
      this.#sink.newLine();
      return at + 1;
    }
    if (input[at] === '\r') {
      this.#sink.restart();
      return at + 1;
    }
    const csi = match(CSI, input, at);
    if (csi !== null) {
      if (csi[2] === 'm' && !/[<=>?]/.test(csi[1])) {
        this.#style = styled(this.#style, csi[1]);
      }
      return at + csi[0].length;
    }
    const other = match(STRING, input, at) ?? match(SHORT, input, at);
    if (other !== null) {
      return at + other[0].length;
    }
    if (input.length - at < LONGEST && match(UNFINISHED, input, at) !== null) {
      this.#held = input.slice(at);
      return input.length;
    }
    this.#sink.text('\u001b', this.#style);
    return at + 1;
  }
}

function match(pattern, input, at) {
  pattern.lastIndex = at;
  return pattern.exec(input);
}

// What a sequence makes of a style, for those that were seen: builds repeat a few of them very often.
const known = new WeakMap();
const MOST_KNOWN = 256;

function styled(before, text) {
  let after = known.get(before);
  if (after === undefined || after.size >= MOST_KNOWN) {
    after = new Map();
    known.set(before, after);
  }
  let style = after.get(text);
  if (style === undefined) {
    style = read(before, text);
    after.set(text, style);
  }
  return style;
}

function read(before, text) {
  const words = text.split(';').slice(0, MOST_PARAMETERS);
  let style = { ...before };
  for (let i = 0; i < words.length; i++) {
    const parts = words[i].split(':').map(Number);
    const code = parts[0];
    if (code === 38 || code === 48) {
      const colours = parts.length > 1 ? parts : [code, ...words.slice(i + 1, i + 5).map(Number)];
      const { colour, used } = extended(colours, parts.length > 1);
      i += parts.length > 1 ? 0 : used;
      style[code === 38 ? 'fg' : 'bg'] = colour;
    } else {
      style = simple(style, code, parts);
    }
  }
  return Object.values(style).some((value) => value !== undefined) ? Object.freeze(style) : PLAIN;
}

/** `38;5;N` and `38;2;R;G;B`; with colons there may be a colour space before R. */
function extended(numbers, colons) {
  if (numbers[1] === 5) {
    return { colour: indexed(byte(numbers[2])), used: 2 };
  }
  if (numbers[1] === 2) {
    const from = colons && numbers.length > 5 ? 3 : 2;
    return { colour: numbers.slice(from, from + 3).map(byte), used: 4 };
  }
  return { colour: undefined, used: 1 };
}

function byte(number) {
  return Math.min(255, Math.max(0, Math.trunc(number) || 0));
}

function indexed(number) {
  if (number < 16) {
    return number;
  }
  if (number >= 232) {
    return Array(3).fill(8 + (number - 232) * 10);
  }
  const cube = number - 16;
  return [Math.trunc(cube / 36), Math.trunc(cube / 6) % 6, cube % 6].map((step) => (step === 0 ? 0 : 55 + step * 40));
}

const ON = { 1: 'bold', 2: 'dim', 3: 'italic', 4: 'underline', 7: 'inverse', 9: 'struck' };
const OFF = { 22: ['bold', 'dim'], 23: ['italic'], 24: ['underline'], 27: ['inverse'], 29: ['struck'], 39: ['fg'], 49: ['bg'] };

function simple(style, code, parts) {
  if (code === 0) {
    return {};
  }
  if (code in ON) {
    return { ...style, [ON[code]]: parts[1] !== 0 };
  }
  if (code in OFF) {
    return { ...style, ...Object.fromEntries(OFF[code].map((key) => [key, undefined])) };
  }
  for (const [first, key, offset] of [[30, 'fg', 0], [40, 'bg', 0], [90, 'fg', 8], [100, 'bg', 8]]) {
    if (code >= first && code < first + 8) {
      return { ...style, [key]: code - first + offset };
    }
  }
  return style;
}

/** Gives a span the looks of a style. Colours of the sixteen are the page's, others are made readable by it. */
export function dress(span, style) {
  const front = style.inverse ? style.bg : style.fg;
  const back = style.inverse ? style.fg : style.bg;
  const names = ['bold', 'dim', 'italic', 'underline', 'struck'].filter((key) => style[key]);
  if (style.inverse && front === undefined) {
    names.push('front-ground');
  }
  if (style.inverse && back === undefined) {
    names.push('back-text');
  }
  colour(span, names, 'front', front);
  colour(span, names, 'back', back);
  if (names.length > 0) {
    span.classList.add(...names);
  }
}

/** As WCAG has it, 0 to 1. */
function luminance(rgb) {
  const [red, green, blue] = rgb.map((value) => value / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function colour(span, names, side, value) {
  if (Array.isArray(value)) {
    names.push(`${side}-rgb`);
    if (side === 'back') {
      // What can be read on it: black or white.
      names.push(luminance(value) > 0.179 ? 'ink' : 'chalk');
    }
    span.style.setProperty(`--${side}`, `rgb(${value.join(' ')})`);
  } else if (value !== undefined) {
    names.push(`${side}-${value}`);
  }
}
