// The start of the page: the host, and jobs, newest first.

import { ask, repeat } from './api.js';
import { el, say, seen } from './dom.js';
import { length, step, time, verdict } from './format.js';
import { HostStrip } from './host.js';

const EVERY = 2000;
const LIMIT = 50;
const FILTERS = [['', 'All'], ['running', 'Running'], ['queued', 'Queued'], ['ended', 'Ended']];
const COLUMNS = [['State', 'state'], ['Job', 'id'], ['Runs', 'what'], ['Client', 'client'], ['Submitted', 'submitted'], ['Took', 'took']];

/** Shows jobs of a state (all if empty), those before a number if there is one. */
export function showJobs(main, { state, before }, page) {
  const strip = new HostStrip();
  const rows = new Map();
  const body = el('tbody', { role: 'rowgroup' });
  const empty = el('p', { class: 'empty', hidden: true });
  const pager = el('nav', { class: 'pager', 'aria-label': 'Pages' });
  main.replaceChildren(
    el('h1', { class: 'unseen', tabindex: '-1' }, 'Host and jobs'),
    strip.element,
    el(
      'section',
      { class: 'panel', 'aria-labelledby': 'jobs-title' },
      el('div', { class: 'panel-head' }, el('h2', { id: 'jobs-title' }, 'Jobs'), filters(state)),
      table(body),
      empty,
      pager,
    ),
  );
  const query = new URLSearchParams({ limit: LIMIT, ...(state && { state }), ...(before && { before }) });
  repeat(
    EVERY,
    async () => {
      const [host, { jobs, next }] = await Promise.all([
        ask('/v1/host', { signal: page.signal }),
        ask(`/v1/jobs?${query}`, { signal: page.signal }),
      ]);
      strip.draw(host);
      drawRows(body, rows, jobs);
      empty.hidden = jobs.length > 0;
      say(empty, state ? `No job is ${state}.` : before ? 'No older jobs.' : 'No jobs yet. What this token submits is listed here.');
      drawPager(pager, state, before, jobs.length === LIMIT ? next : undefined);
    },
    page.failed,
    page.signal,
  );
}

function filters(state) {
  return el(
    'nav',
    { class: 'filters', 'aria-label': 'Which jobs' },
    ...FILTERS.map(([value, label]) =>
      el('a', { href: address(value), 'aria-current': value === state ? 'true' : null }, label),
    ),
  );
}

function address(state, before) {
  const query = new URLSearchParams({ ...(state && { state }), ...(before && { before }) }).toString();
  return query === '' ? '#/' : `#/?${query}`;
}

// The roles are those the elements have; they are lost where a narrow screen lays rows out in another way.
function table(body) {
  return el(
    'table',
    { class: 'jobs', role: 'table', 'aria-labelledby': 'jobs-title' },
    el(
      'thead',
      { role: 'rowgroup' },
      el('tr', { role: 'row' }, ...COLUMNS.map(([label, key]) => el('th', { scope: 'col', role: 'columnheader', class: key }, label))),
    ),
    body,
  );
}

/** Rows stay the elements that they are, so that who has the keyboard on one is not thrown out by news. */
function drawRows(body, rows, jobs) {
  const kept = new Set(jobs.map((job) => job.id));
  for (const [id, row] of rows) {
    if (!kept.has(id)) {
      row.element.remove();
      rows.delete(id);
    }
  }
  jobs.forEach((job, index) => {
    const row = rows.get(job.id) ?? newRow(job);
    rows.set(job.id, row);
    drawRow(row, job);
    if (body.children[index] !== row.element) {
      body.insertBefore(row.element, body.children[index] ?? null);
    }
  });
}

function newRow(job) {
  const badge = el('span', { class: 'badge' });
  const took = el('td', { class: 'took', role: 'cell' });
  const [first, ...others] = job.spec.steps ?? [];
  const element = el(
    'tr',
    { role: 'row' },
    el('td', { class: 'state', role: 'cell' }, badge),
    el('td', { class: 'id', role: 'cell' }, el('a', { href: `#/jobs/${encodeURIComponent(job.id)}` }, job.id)),
    el(
      'td',
      { class: 'what', role: 'cell' },
      el('span', {}, ...seen(first === undefined ? '' : step(first))),
      others.length > 0 ? el('span', { class: 'more' }, ` + ${others.length}`) : null,
    ),
    el('td', { class: 'client', role: 'cell' }, ...seen(job.client)),
    el('td', { class: 'submitted', role: 'cell' }, el('time', { datetime: job.submitted, title: job.submitted }, time(job.submitted))),
    took,
  );
  return { element, badge, took };
}

function drawRow({ badge, took }, job) {
  const { word, kind } = verdict(job);
  say(badge, word);
  badge.className = `badge ${kind}`;
  say(took, job.started ? length(Math.max(0, (job.ended ? Date.parse(job.ended) : Date.now()) - Date.parse(job.started))) : '');
}

function drawPager(pager, state, before, next) {
  const links = [];
  if (before) {
    links.push([address(state), 'Newest']);
  }
  if (next) {
    links.push([address(state, next), 'Older']);
  }
  const wanted = JSON.stringify(links);
  if (pager.dataset.links !== wanted) {
    pager.dataset.links = wanted;
    pager.replaceChildren(...links.map(([href, label]) => el('a', { href }, label)));
  }
  pager.hidden = links.length === 0;
}
