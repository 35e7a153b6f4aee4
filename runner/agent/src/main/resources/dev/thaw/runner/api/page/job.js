// One job, live.

import { ask, path, request } from './api.js';
import { announce, el, save, say, seen } from './dom.js';
import { follow } from './events.js';
import { bytes, length, step, time, verdict } from './format.js';
import { LogPanel } from './log.js';
import { PhaseFigure } from './phases.js';

const TICK = 250;

/** Shows a job and what happens to it. */
export async function showJob(main, id, page) {
  main.replaceChildren(
    el('nav', { class: 'trail', 'aria-label': 'Where' }, el('a', { href: '#/' }, 'Jobs'), ' / ', id),
    el('h1', { tabindex: '-1', class: 'mono' }, id),
  );
  try {
    const job = await ask(path('jobs', id), { signal: page.signal });
    new JobView(main, job, page).run();
  } catch (error) {
    if (!page.signal.aborted) {
      page.failed(error);
      main.append(el('p', { class: 'notice', role: 'alert' }, ...seen(error.message)));
    }
  }
}

class JobView {
  #job;
  #page;
  #timings = {};
  #attempt = 0;
  #cancelling = false;
  #badge = el('span', { class: 'badge' });
  #summary = el('p', { class: 'summary' });
  #fault = el('p', { class: 'notice', role: 'alert', hidden: true });
  #cancel = el('button', { type: 'button', class: 'danger', hidden: true, on: { click: () => this.#ask() } }, 'Cancel job');
  #figure = new PhaseFigure();
  #artifacts = el('section', { class: 'panel', 'aria-labelledby': 'artifacts-title', hidden: true });
  #egress = el('section', { class: 'panel', 'aria-labelledby': 'egress-title', hidden: true });
  #log;

  constructor(main, job, page) {
    this.#job = job;
    this.#page = page;
    this.#log = new LogPanel(job.id, page.signal);
    main.querySelector('h1').after(
      el('div', { class: 'job-head' }, this.#badge, this.#summary, this.#cancel),
      this.#fault,
      this.#figure.element,
      el(
        'div',
        { class: 'columns' },
        this.#log.element,
        el('div', { class: 'side' }, this.#artifacts, this.#egress, facts(job)),
      ),
    );
  }

  run() {
    this.#draw();
    const clock = setInterval(() => this.#drawTime(), TICK);
    this.#page.signal.addEventListener('abort', () => clearInterval(clock), { once: true });
    follow(this.#job.id, (event) => this.#heard(event), this.#page.failed, this.#page.signal);
  }

  #heard(event) {
    if (event.type === 'log') {
      this.#log.take(event);
    } else if (event.type === 'phase') {
      this.#timings[event.phase] = event.ms;
      this.#drawTime();
    } else if (event.type === 'truncated') {
      this.#log.remark(`Of the output ${bytes(event.limit)} are kept; what came after them is not.`);
    } else if (event.type === 'state') {
      this.#moved(event);
    } else if (event.type === 'ended') {
      this.#ended(event);
    }
  }

  #moved(event) {
    this.#job = { ...this.#job, state: event.state, attempts: event.attempt };
    if (event.state === 'running') {
      this.#job.started = event.at;
      if (this.#attempt > 0 && event.attempt > this.#attempt) {
        this.#log.remark(`Attempt ${event.attempt}`);
        this.#timings = {};
      }
      this.#attempt = event.attempt;
    }
    this.#draw();
    announce(`Job ${this.#job.id} is ${event.state}`);
  }

  #ended(event) {
    this.#job = { ...this.#job, state: 'ended', ended: event.at, ending: event.ending };
    this.#log.end();
    this.#draw();
    announce(`Job ${this.#job.id} is over: ${verdict(this.#job).word}`);
  }

  #draw() {
    const { word, kind } = verdict(this.#job);
    say(this.#badge, word);
    this.#badge.className = `badge ${kind}`;
    this.#cancel.hidden = !this.#page.may('cancel') || this.#job.state === 'ended';
    const fault = this.#job.ending?.fault;
    this.#fault.hidden = fault === undefined;
    if (fault !== undefined) {
      this.#fault.replaceChildren(el('b', {}, `${fault.kind}: `), ...seen(fault.message), fault.retryable ? ' (can be tried again)' : '');
    }
    this.#drawTime();
    this.#drawArtifacts();
    this.#drawEgress();
    this.#page.title(`${word} · ${this.#job.id}`);
  }

  #drawTime() {
    const job = this.#job;
    const running = job.state === 'running' && job.started;
    const now = running ? Math.max(0, Date.now() - Date.parse(job.started)) : null;
    say(this.#summary, summary(job));
    this.#figure.draw(job.ending?.timings ?? this.#timings, now);
  }

  #ask() {
    const title = el('h2', { id: 'cancel-title' }, `Cancel ${this.#job.id}?`);
    const dialog = el(
      'dialog',
      { 'aria-labelledby': 'cancel-title' },
      title,
      el('p', {}, 'Its guest is discarded, and what it has written is lost but for the output so far.'),
      el(
        'div',
        { class: 'choices' },
        el('button', { type: 'button', autofocus: true, on: { click: () => dialog.close() } }, 'Let it run'),
        el('button', { type: 'button', class: 'danger', on: { click: () => this.#cancelIt(dialog) } }, 'Cancel job'),
      ),
    );
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    this.#page.signal.addEventListener('abort', () => dialog.close(), { once: true });
  }

  async #cancelIt(dialog) {
    dialog.close();
    this.#cancel.disabled = true;
    say(this.#cancel, 'Cancelling');
    try {
      await request(path('jobs', this.#job.id, 'cancel'), { method: 'POST', signal: this.#page.signal });
      announce(`Cancelling ${this.#job.id}`);
    } catch (error) {
      this.#cancel.disabled = false;
      say(this.#cancel, 'Cancel job');
      this.#page.failed(error);
      announce(error.message);
    }
  }

  async #drawArtifacts() {
    const report = this.#job.ending?.artifacts;
    if (report === undefined || !this.#artifacts.hidden || (report.count === 0 && !report.fault && report.notes.length === 0)) {
      return;
    }
    this.#artifacts.hidden = false;
    const all = path('jobs', this.#job.id, 'artifacts');
    const list = el('ul', { class: 'files' });
    this.#artifacts.append(
      el(
        'div',
        { class: 'panel-head' },
        el('h2', { id: 'artifacts-title' }, 'Artifacts ', el('span', { class: 'figure' }, bytes(report.bytes))),
        report.count > 0 ? fetcher('Save all (.tar)', all, `${this.#job.id}.tar`) : null,
      ),
      report.fault ? el('p', { class: 'bad-text' }, ...seen(report.fault.message)) : '',
      ...report.notes.map((note) => el('p', { class: 'note' }, ...seen(note))),
      list,
    );
    if (report.count > 0) {
      await this.#listArtifacts(list, all);
    }
  }

  async #listArtifacts(list, all) {
    try {
      const { artifacts, more } = await ask(all, { signal: this.#page.signal });
      list.append(...artifacts.map((artifact) => file(this.#job.id, artifact)));
      if (more) {
        list.after(el('p', { class: 'note' }, `These are the first ${artifacts.length}; the archive has all.`));
      }
    } catch (error) {
      if (!this.#page.signal.aborted) {
        list.after(el('p', { class: 'note' }, ...seen(error.message)));
      }
    }
  }

  /** What the guest was let connect to, once the API says so. */
  #drawEgress() {
    const log = this.#job.egress;
    if (!Array.isArray(log) || log.length === 0) {
      return;
    }
    this.#egress.hidden = false;
    this.#egress.replaceChildren(
      el('h2', { id: 'egress-title' }, 'Egress'),
      el(
        'ul',
        { class: 'files' },
        ...log.map((entry) => el('li', {}, ...Object.values(entry).flatMap((value) => [...seen(value), ' ']))),
      ),
    );
  }
}

function summary(job) {
  const parts = [];
  if (job.ended && job.started) {
    parts.push(`took ${length(Date.parse(job.ended) - Date.parse(job.started))}`);
  }
  if (job.state === 'running' && job.started) {
    parts.push(`for ${length(Math.max(0, Date.now() - Date.parse(job.started))).replace(/\.\d+/, '')}`);
  }
  if (job.ending) {
    parts.push(`exit code ${job.ending.exit_code}`);
  }
  if (job.started) {
    parts.push(`waited ${length(Math.max(0, Date.parse(job.started) - Date.parse(job.submitted)))}`);
  }
  if (job.attempts > 1) {
    parts.push(`attempt ${job.attempts}`);
  }
  return parts.join(' · ');
}

function facts(job) {
  const { spec } = job;
  const size = spec.resources ?? {};
  const rows = [
    ['Client', job.client],
    ['Submitted', time(job.submitted)],
    ['Template', spec.template],
    ['Image', spec.image?.name],
    ['CPUs', size.cpus],
    ['Memory', size.memory],
    ['Disk', size.disk],
    ['Timeout', spec.timeout],
    ['User', spec.user],
    ['Priority', job.priority === 0 ? undefined : job.priority],
    ['Workspace', job.workspace],
  ].filter(([, value]) => value !== undefined);
  return el(
    'section',
    { class: 'panel', 'aria-labelledby': 'facts-title' },
    el('h2', { id: 'facts-title' }, 'What was asked'),
    el('dl', { class: 'facts' }, ...rows.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, ...seen(value))])),
    el('ol', { class: 'steps' }, ...(spec.steps ?? []).map((one) => el('li', {}, el('code', {}, ...seen(step(one)))))),
  );
}

function file(id, { path: name, bytes: size }) {
  const last = name.slice(name.lastIndexOf('/') + 1);
  const address = `${path('jobs', id, 'artifacts')}/${name.split('/').map(encodeURIComponent).join('/')}`;
  const shown = seen(name);
  return el(
    'li',
    {},
    size === undefined ? el('span', {}, ...shown) : fetcher(shown, address, last),
    el('span', { class: 'figure' }, size === undefined ? 'link' : bytes(size)),
  );
}

/** A button that fetches, since a link cannot send the token. */
function fetcher(label, address, name) {
  const button = el('button', { type: 'button', class: 'link' }, ...(Array.isArray(label) ? label : [label]));
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      const response = await request(address);
      save(await response.blob(), name);
      announce(`${name} is saved`);
    } catch (error) {
      button.after(el('span', { class: 'bad-text', role: 'alert' }, ' ', ...seen(error.message)));
    } finally {
      button.disabled = false;
    }
  });
  return button;
}
