// Where a job's time went, to scale: the whole job, and its start once more, enlarged, since it is so short.

import { el } from './dom.js';
import { length, round } from './format.js';

const NAMES = {
  overlay: 'overlay',
  vmm_up: 'VMM up',
  restored: 'restore',
  resumed: 'resume',
  identity: 'identity',
  workspace: 'workspace',
  first_exec: 'first command',
  exited: 'steps',
  collected: 'artifacts',
  discarded: 'discard',
};
const ORDER = Object.keys(NAMES);
const START = 'first_exec';
// Minutes and hours are not decimal.
const CLOCK_STEPS = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600].map((minutes) => minutes * 60_000);

/** Spans of time between what was reached, in the order in which it was: `{key, from, to}`. */
export function spans(timings, now) {
  const reached = Object.entries(timings)
    .filter(([, ms]) => typeof ms === 'number')
    .sort(([a, at], [b, bt]) => at - bt || ORDER.indexOf(a) - ORDER.indexOf(b));
  let from = 0;
  const all = reached.map(([key, to]) => {
    const span = { key, from, to };
    from = to;
    return span;
  });
  if (now !== null && now > from) {
    const last = reached.length === 0 ? -1 : ORDER.indexOf(reached[reached.length - 1][0]);
    all.push({ key: ORDER[last + 1] ?? 'discarded', from, to: now, open: true });
  }
  return all;
}

/** Round figures from 0 to a length of time, a handful of them. */
export function ticks(total) {
  const magnitude = 10 ** Math.floor(Math.log10(total / 4));
  const steps = total < 120_000 ? [1, 2, 5, 10].map((factor) => factor * magnitude) : CLOCK_STEPS;
  const step = steps.find((size) => total / size <= 5) ?? total;
  return Array.from({ length: Math.floor(total / step) + 1 }, (_, index) => index * step);
}

/** The figure. */
export class PhaseFigure {
  element = el('section', { class: 'panel phases', 'aria-labelledby': 'phases-title', hidden: true });

  /** Draws milliseconds since the claim; `now` is where a job that runs has got to, or null. */
  draw(timings, now) {
    const all = spans(timings, now);
    const total = all.length === 0 ? 0 : all[all.length - 1].to;
    this.element.hidden = total <= 0;
    if (total <= 0) {
      return;
    }
    const start = timings[START];
    const begin = start === undefined ? [] : all.filter((span) => span.to <= start);
    const rest = all.filter((span) => start === undefined || span.to > start);
    const whole = begin.length > 0 ? [{ key: 'start', from: 0, to: start }, ...rest] : rest;
    this.element.replaceChildren(
      el('h2', { id: 'phases-title' }, 'Where the time went'),
      bar(now === null ? 'Whole job' : 'So far', whole, total),
      ...(begin.length > 0 ? [bar('Start: claim to first command', begin, start, wedge(start / total))] : []),
      legend(all, total),
    );
  }
}

/** A strip of parts with its scale: above it, or below it if it enlarges a part of the strip before. */
function bar(title, parts, total, enlarged = null) {
  const strip = el('div', { class: 'strip', 'aria-hidden': 'true' });
  for (const part of parts) {
    const share = (part.to - part.from) / total;
    const box = el(
      'div',
      { class: `part phase-${part.key}${part.open ? ' open' : ''}`, title: `${name(part.key)}: ${length(part.to - part.from)}` },
      share > 0.09 ? el('span', {}, name(part.key)) : null,
    );
    box.style.left = `${(part.from / total) * 100}%`;
    box.style.width = `${share * 100}%`;
    strip.append(box);
  }
  const scale = el('div', { class: 'scale', 'aria-hidden': 'true' });
  for (const at of ticks(total)) {
    const tick = el('span', {}, at === 0 ? '0' : round(at));
    tick.style.left = `${(at / total) * 100}%`;
    tick.classList.toggle('late', at / total > 0.94);
    scale.append(tick);
  }
  const heading = el('p', {}, el('span', {}, title), el('b', {}, length(total)));
  return enlarged === null
    ? el('div', { class: 'time' }, heading, scale, strip)
    : el('div', { class: 'time enlarged' }, enlarged, heading, strip, scale);
}

function wedge(share) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 100 10');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', 'wedge');
  const shape = document.createElementNS('http://www.w3.org/2000/svg', 'polygon');
  shape.setAttribute('points', `0,0 ${(share * 100).toFixed(3)},0 100,10 0,10`);
  svg.append(shape);
  return svg;
}

function legend(all, total) {
  return el(
    'ol',
    { class: 'legend' },
    ...all.map((span) =>
      el(
        'li',
        { title: `${length(span.from)} to ${length(span.to)} after the claim, ${((100 * (span.to - span.from)) / total).toFixed(1)} %` },
        el('span', { class: `swatch phase-${span.key}`, 'aria-hidden': 'true' }),
        el('span', { class: 'name' }, span.open ? `${name(span.key)}, so far` : name(span.key)),
        el('span', { class: 'figure' }, length(span.to - span.from)),
      ),
    ),
  );
}

function name(key) {
  return NAMES[key] ?? key.replaceAll('_', ' ');
}
