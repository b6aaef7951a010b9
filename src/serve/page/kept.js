// Edits of scenarios, kept in this browser until they are reset; and the changes that can be undone.

const key = (id) => `filas:${id}`;
const past = new Map();

/** The latest edited text, if the file is unchanged; null if none is kept. */
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
    // If there is no room for it, the edits last as long as the page.
  }
}

const HISTORY = 200;

/** Notes a text before it is changed. */
export function note(id, text) {
  const texts = past.get(id) ?? [];
  if (texts.at(-1) !== text) texts.push(text);
  past.set(id, texts.slice(-HISTORY));
}

/** Undoes the last change: returns the text before it. */
export const back = (id) => past.get(id)?.pop();
export const undoable = (id) => Boolean(past.get(id)?.length);
