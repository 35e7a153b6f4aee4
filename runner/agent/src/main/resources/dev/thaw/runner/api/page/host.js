// How full the host is.

import { el, say, seen } from './dom.js';
import { bytes } from './format.js';

const METERS = [
  ['CPUs', 'cpus', String],
  ['Memory', 'memory_bytes', bytes],
  ['Disk', 'disk_bytes', bytes],
];

/** The strip with what jobs have of the host, who runs and waits, and what stands by. */
export class HostStrip {
  #meters = METERS.map(([title, key, format]) => ({ key, format, ...meter(title) }));
  #running = count('Running');
  #waiting = count('Waiting');
  #standby = el('div', { class: 'fact', hidden: true });

  element = el(
    'section',
    { class: 'panel host', 'aria-label': 'Host' },
    ...this.#meters.map(({ element }) => element),
    this.#running.element,
    this.#waiting.element,
    this.#standby,
  );

  draw(host) {
    for (const { key, format, figure, gauge, fill } of this.#meters) {
      const used = host.used[key];
      const total = host.total[key];
      say(figure, `${format(used)} of ${format(total)}`);
      gauge.setAttribute('aria-valuemax', total);
      gauge.setAttribute('aria-valuenow', used);
      gauge.setAttribute('aria-valuetext', `${format(used)} of ${format(total)}`);
      const share = total > 0 ? used / total : 0;
      fill.style.width = `${Math.min(100, share * 100)}%`;
      fill.classList.toggle('full', share > 0.9);
    }
    say(this.#running.figure, String(host.running));
    say(this.#waiting.figure, String(host.waiting));
    say(this.#waiting.note, `of ${host.most_waiting.toLocaleString('en-GB')} at most`);
    this.#drawStandby(host.standby);
  }

  #drawStandby(standby) {
    const rows = Array.isArray(standby) ? standby : [];
    this.#standby.hidden = rows.length === 0;
    this.#standby.replaceChildren(
      el('p', { class: 'label' }, 'Standby'),
      ...rows.map((row) =>
        el(
          'p',
          { class: 'count' },
          el('b', {}, String(row.guests)),
          el('span', { class: 'note' }, ` of ${row.wanted} · `, ...seen(row.template), ` ${row.cpus} × ${bytes(row.memory_bytes)}`),
        ),
      ),
    );
  }
}

function meter(title) {
  const figure = el('span', { class: 'figure' }, '–');
  const fill = el('div', { class: 'fill' });
  const gauge = el('div', { class: 'gauge', role: 'meter', 'aria-label': title, 'aria-valuemin': '0' }, fill);
  const element = el('div', { class: 'fact' }, el('p', { class: 'label' }, title, figure), gauge);
  return { element, figure, gauge, fill };
}

function count(title) {
  const figure = el('b', {}, '–');
  const note = el('span', { class: 'note' });
  return { element: el('div', { class: 'fact' }, el('p', { class: 'label' }, title), el('p', { class: 'count' }, figure, ' ', note)), figure, note };
}
