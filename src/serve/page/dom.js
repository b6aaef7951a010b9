// Small tools: elements, requests, numbers.

export const $ = (id) => document.getElementById(id);

/** An element: el("p", {class: "note", onclick}, "text", child, null). */
export function el(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Asks the server; throws an Error that says what it refused. */
export async function ask(path, body) {
  const request = body === undefined ? {} : {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(path, request);
  } catch {
    throw new Error("the server does not answer; is `filas serve` still running?");
  }
  const kind = answer.headers.get("content-type") ?? "";
  const said = kind.startsWith("application/json") ? await answer.json() : { error: await answer.text() };
  if (!answer.ok) throw new Error(said.error || answer.statusText);
  return said;
}

/** Tells those who listen to the page. */
export function say(text) {
  $("said").textContent = text;
}

/** Shows one panel of a row of tabs; arrow keys go along it. */
export function tabs(names, shown = () => {}) {
  const all = names.map((name) => [name, $(`tab-${name}`), $(name)]);
  const show = (wanted) => {
    for (const [name, tab, panel] of all) {
      tab.setAttribute("aria-selected", String(name === wanted));
      tab.tabIndex = name === wanted ? 0 : -1;
      panel.hidden = name !== wanted;
    }
    shown(wanted);
  };
  all.forEach(([name, tab], at) => {
    tab.addEventListener("click", () => show(name));
    tab.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      const [next, other] = all[(at + by + all.length) % all.length];
      show(next);
      other.focus();
    });
  });
  return show;
}

const grouped = (text) => text.replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");

/** A number for people: four figures at most after what matters, thousands apart. */
export function number(value, places) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number" || !Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && places === undefined) return grouped(String(value));
  const size = Math.abs(value);
  const digits = places ?? (size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : size >= 0.001 || size === 0 ? 4 : null);
  if (digits === null) return value.toExponential(2);
  const [whole, part] = value.toFixed(digits).split(".");
  return part ? `${grouped(whole)}.${part}` : grouped(whole);
}

export const percent = (share) => (share === null || share === undefined ? "–" : `${(100 * share).toFixed(1)} %`);

/** Whether colours should be those of a dark page. */
export const theme = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

/** A plural that knows when it is one. */
export const count = (n, one, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;
