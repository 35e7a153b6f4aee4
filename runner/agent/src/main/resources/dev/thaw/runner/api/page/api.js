// Requests to the agent that served this page. The token is in this tab's session storage and in the Authorization
// header, and nowhere else: never in an address.

const KEY = 'thaw.token';
const ALIVE = new AbortController();

/** An answer that is a problem document, or no answer of the API's. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export function hasToken() {
  return sessionStorage.getItem(KEY) !== null;
}

export function keepToken(text) {
  sessionStorage.setItem(KEY, text);
}

export function forgetToken() {
  sessionStorage.removeItem(KEY);
}

/** A path below the API's, each part encoded. */
export function path(...parts) {
  return `/v1/${parts.map(encodeURIComponent).join('/')}`;
}

/** A response with a good status. */
export async function request(address, { method = 'GET', headers = {}, signal = ALIVE.signal } = {}) {
  const response = await fetch(address, {
    method,
    headers: { ...headers, Authorization: `Bearer ${sessionStorage.getItem(KEY) ?? ''}` },
    signal,
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
  });
  if (!response.ok) {
    throw new Refused(response.status, await detail(response));
  }
  return response;
}

async function detail(response) {
  try {
    return String((await response.json()).detail);
  } catch {
    return `the agent answered ${response.status}`;
  }
}

/** What the API answers with, as an object. */
export async function ask(address, options = {}) {
  const response = await request(address, { ...options, headers: { Accept: 'application/json' } });
  return response.json();
}

/** Waits, unless it is called off. */
export function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** Does something now and again every so often while the page is looked at; failures are told, and tried again. */
export async function repeat(ms, task, failed, signal) {
  while (!signal.aborted) {
    try {
      if (!document.hidden) {
        await task();
        failed(null);
      }
      await pause(ms, signal);
    } catch (error) {
      if (signal.aborted || failed(error)) {
        return;
      }
      await pause(ms, signal).catch(() => {});
    }
  }
}
