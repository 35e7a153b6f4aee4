// Which part of the page is shown, and to whom.

import { Refused, ask, forgetToken, hasToken, keepToken } from './api.js';
import { announce, el, say, seen } from './dom.js';
import { showJob } from './job.js';
import { showJobs } from './jobs.js';

const main = document.getElementById('main');
const connection = document.getElementById('connection');
const leave = document.getElementById('leave');
const where = document.getElementById('where');

let scopes = null;
let shown = new AbortController();

document.getElementById('skip').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});
leave.addEventListener('click', () => signOut('You are signed out.'));
window.addEventListener('hashchange', () => show());

/** Tells that the agent cannot be reached, or that it can again; true if there is no use in going on. */
function failed(error) {
  if (error === null) {
    say(connection, '');
    return false;
  }
  if (error instanceof Refused && error.status === 401) {
    signOut('The token is not good any more.');
    return true;
  }
  say(connection, error instanceof Refused ? error.message : 'The agent does not answer. Trying again.');
  return error instanceof Refused && error.status < 500;
}

function signOut(reason) {
  forgetToken();
  scopes = null;
  signIn(reason);
}

function signIn(reason) {
  begin('Sign in');
  leave.hidden = true;
  say(where, '');
  const input = el('input', { id: 'token', type: 'password', autocomplete: 'off', spellcheck: 'false', required: true });
  const problem = el('p', { class: 'bad-text', role: 'alert' }, reason ?? '');
  const form = el(
    'form',
    { class: 'panel sign-in', autocomplete: 'off' },
    el('h1', { tabindex: '-1' }, 'Thaw'),
    el('label', { for: 'token' }, 'Token'),
    input,
    el('button', { type: 'submit', class: 'primary' }, 'Sign in'),
    problem,
    el('p', { class: 'note' }, 'Shows the jobs that were submitted with it; all jobs if it is one for everything:'),
    el('pre', {}, 'runner agent token create NAME --scope admin'),
    el('p', { class: 'note' }, 'A job’s own token shows that job. The token stays in this tab until you sign out or close it.'),
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!/^[\x21-\x7e]+$/.test(text)) {
      say(problem, 'A token has letters, digits, - and _ only.');
      return;
    }
    keepToken(text);
    say(problem, '');
    try {
      await start();
    } catch (error) {
      forgetToken();
      problem.replaceChildren(...seen(error instanceof Refused ? error.message : 'The agent does not answer.'));
      input.focus();
    }
  });
  main.replaceChildren(form);
  input.focus();
}

/** Asks what the token is good for, and shows what the address names. */
async function start() {
  const [token, version] = await Promise.all([ask('/v1/token'), ask('/v1/version')]);
  scopes = token.scopes;
  leave.hidden = false;
  where.replaceChildren(...seen(`${location.host} · ${version.version} · ${token.client ?? `job ${token.job}`}`));
  if (token.job !== undefined && !location.hash.startsWith('#/jobs/')) {
    history.replaceState(null, '', `#/jobs/${token.job}`);
  }
  show();
}

/** Ends what was shown. */
function begin(title) {
  shown.abort();
  shown = new AbortController();
  document.title = `${title} – Thaw`;
  say(connection, '');
  return {
    signal: shown.signal,
    failed,
    may: (scope) => scopes.includes(scope),
    title: (text) => {
      document.title = `${text} – Thaw`;
    },
  };
}

function show() {
  if (scopes === null) {
    return;
  }
  const address = location.hash.slice(1) || '/';
  const job = /^\/jobs\/([a-z0-9][a-z0-9-]{0,39})$/.exec(address);
  const page = begin(job === null ? 'Jobs' : job[1]);
  if (job === null) {
    const query = new URLSearchParams(address.split('?')[1] ?? '');
    showJobs(main, { state: query.get('state') ?? '', before: query.get('before') ?? '' }, page);
  } else {
    showJob(main, job[1], page);
  }
  main.querySelector('h1').focus();
  window.scrollTo(0, 0);
  announce(document.title);
}

if (hasToken()) {
  start().catch((error) => (error instanceof Refused ? signOut(error.message) : signIn('The agent does not answer.')));
} else {
  signIn();
}
