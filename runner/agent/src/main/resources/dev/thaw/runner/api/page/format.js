// Figures for people.

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
const NARROW = '\u202f';

/** A number of bytes. */
export function bytes(count) {
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits).replace(/\.0$/, '')}${NARROW}${UNITS[unit]}`;
}

/** The same for figures that are round. */
export function round(ms) {
  return length(ms).replace(/(\.\d*?)0+(?=\D)/, '$1').replace(/\.(?=\D)/, '');
}

/** A length of time in milliseconds. */
export function length(ms) {
  if (ms < 0.05) {
    return `0${NARROW}ms`;
  }
  if (ms < 1000) {
    return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)}${NARROW}ms`;
  }
  const seconds = ms / 1000;
  if (seconds < 59.95) {
    return `${seconds.toFixed(seconds < 9.995 ? 2 : 1)}${NARROW}s`;
  }
  const whole = Math.round(seconds);
  if (whole < 3600) {
    return `${Math.floor(whole / 60)}${NARROW}min ${pad(whole % 60)}${NARROW}s`;
  }
  const minutes = Math.floor(whole / 60);
  return `${Math.floor(minutes / 60)}${NARROW}h ${pad(minutes % 60)}${NARROW}min`;
}

function pad(number) {
  return String(number).padStart(2, '0');
}

/** A time of day, with the day if it is not today. */
export function time(text) {
  const at = new Date(text);
  const clock = at.toLocaleTimeString('en-GB');
  return at.toDateString() === new Date().toDateString()
    ? clock
    : `${at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })}, ${clock}`;
}

/** A step in a line: its name, or what it runs if nobody gave it one. */
export function step(step) {
  const named = step.name !== undefined && !/^step [0-9]+$/.test(step.name);
  return named ? step.name : (step.run ?? (step.command ?? []).join(' ')).trim().split('\n')[0];
}

/** What became of a job, or is becoming: a word, and how it is meant. */
export function verdict(job) {
  if (job.state !== 'ended') {
    return { word: job.state, kind: job.state === 'running' ? 'running' : 'waiting' };
  }
  const { outcome, exit_code: code } = job.ending ?? { outcome: 'ended', exit_code: 0 };
  if (outcome === 'finished') {
    return code === 0 ? { word: 'passed', kind: 'good' } : { word: `exit ${code}`, kind: 'bad' };
  }
  return { word: outcome.replace('-', ' '), kind: outcome === 'cancelled' ? 'waiting' : 'bad' };
}
