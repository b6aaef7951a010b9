// Edits of scenarios, kept in this browser until they are reset; and what can be undone.

const key = (id) => `filas:${id}`;
const past = new Map();

/** The text as it was edited last, if the file is still the same; null where nothing is kept. */
export function kept(id, original) {
  try {
    const found = JSON.parse(localStorage.getItem(key(id)));
    return found?.original === original ? found.text : null;
  } catch {
    return null;
  }
}

/** Keeps an edited text; the text of the file itself need not be kept. */
export function keep(id, original, text) {
  try {
    if (text === original) localStorage.removeItem(key(id));
    else localStorage.setItem(key(id), JSON.stringify({ original, text }));
  } catch {
    // Without room for it, the edits last as long as the page.
  }
}

const HISTORY = 200;

/** Notes a text before it is changed. */
export function note(id, text) {
  const texts = past.get(id) ?? [];
  if (texts.at(-1) !== text) texts.push(text);
  past.set(id, texts.slice(-HISTORY));
}

/** Takes back the last change: the text before it. */
export const back = (id) => past.get(id)?.pop();
export const undoable = (id) => Boolean(past.get(id)?.length);
