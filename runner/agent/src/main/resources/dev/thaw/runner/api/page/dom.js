// Makes elements. Text becomes text nodes, here and everywhere: no string is ever read as markup.

// What a browser would not show, or would let change the order of what it shows.
const UNSEEN = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;
const ALL_UNSEEN = new RegExp(UNSEEN, 'gu');

/** An element with attributes (`on` has listeners, `null` and `false` leave one out) and children. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'on') {
      for (const [event, listener] of Object.entries(value)) {
        element.addEventListener(event, listener);
      }
    } else if (value !== null && value !== false && value !== undefined) {
      element.setAttribute(key, value === true && !key.startsWith('aria-') ? '' : String(value));
    }
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Nodes for a text from outside: what cannot be seen in it is shown by a sign or its number. */
export function seen(text) {
  const nodes = [];
  let rest = String(text);
  for (let at = rest.search(UNSEEN); at >= 0; at = rest.search(UNSEEN)) {
    const character = String.fromCodePoint(rest.codePointAt(at));
    if (at > 0) {
      nodes.push(document.createTextNode(rest.slice(0, at)));
    }
    nodes.push(el('span', { class: 'sign' }, sign(character.codePointAt(0))));
    rest = rest.slice(at + character.length);
  }
  if (rest !== '') {
    nodes.push(document.createTextNode(rest));
  }
  return nodes;
}

/** How many signs that would be. */
export function signs(text) {
  return UNSEEN.test(text) ? text.match(ALL_UNSEEN).length : 0;
}

function sign(code) {
  // As terminals write them: fonts without signs for control characters are common.
  if (code < 0x20 || code === 0x7f) {
    return `^${String.fromCodePoint(code ^ 0x40)}`;
  }
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Sets an element's text if it is another one: what does not change is not read out again. */
export function say(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** Tells those who listen instead of looking. */
export function announce(text) {
  say(document.getElementById('announcer'), text);
}

/** Lets a person save bytes as a file. */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const plain = [...name].map((character) => (UNSEEN.test(character) ? '_' : character)).join('');
  el('a', { href: url, download: plain }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
