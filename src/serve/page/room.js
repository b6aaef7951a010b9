// The run: the bar, the room, the charts of the run so far, the log. The server streams every change;
// commands are sent to the server and shown once they have taken effect.

import { $, ask, count, el, number, say } from "./dom.js";
import { draft, judged, pick } from "./scenario.js";
import { called, figures, show as showResults } from "./results.js";

const now = { run: null, state: "empty", stream: null, room: null, reading: null, timeOfDay: null, asked: new Map(), shape: "", parts: new Map(), follows: true, frame: 0, timer: 0, valid: false, about: null, judged: null };
let reveal = () => {}, more = () => {};
/** The function called for more runs of the same scenario. */
export const onMore = (wanted) => { more = wanted; };

const WORDS = { empty: "nothing has run", queued: "queued", running: "running", paused: "paused", done: "done", failed: "failed" };

export function begin(shown) {
  reveal = shown;
  $("run").addEventListener("click", start);
  $("pause").addEventListener("click", () => command({ do: now.reading?.paused ? "go" : "pause" }));
  $("step").addEventListener("click", () => command({ do: "step" }));
  $("stop").addEventListener("click", () => command({ do: "stop" }));
  $("speed").addEventListener("change", () => { if (active()) command({ do: "pace", pace: pace() }); });
  $("filter").addEventListener("input", filter);
  $("log").addEventListener("scroll", ({ target }) => { now.follows = target.scrollHeight - target.scrollTop - target.clientHeight < 40; }, { passive: true });
  $("recent").addEventListener("change", () => again(Number($("recent").value)));
  // The state of an attendant, for devices without a pointer that can hover.
  for (const kind of ["pointerover", "focusin"]) $("room").addEventListener(kind, (event) => tell(event.target.closest(".dot[title]")));
  document.addEventListener("keydown", keys);
  document.addEventListener("visibilitychange", () => { if (!document.hidden && now.run && active()) charts(); });
  chip();
}

const active = () => ["running", "queued", "paused"].includes(now.state);
const pace = () => ($("speed").value === "" ? null : Number($("speed").value));

/** The speeds offered for a scenario. */
export function fits(judged) {
  now.valid = !judged.error;
  now.judged = judged;
  // During a run, the speeds are those of its own clock.
  if (!judged.error && !active()) speeds(judged);
  if (now.run === null && !judged.error) {
    $("room-box").hidden = !judged.room;
    if (judged.room) {
      draw(judged.room);
      loads(judged.loads);
    }
    $("journal").hidden = true;
  }
  chip();
}

function speeds(judged) {
  const span = judged.span ?? 100;
  const nice = (value) => {
    const power = 10 ** Math.floor(Math.log10(value));
    const lead = value / power;
    return (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10) * power;
  };
  const stepped = judged.outline?.steps !== undefined;
  const named = judged.outline?.time_unit ?? "units";
  const unit = stepped ? "steps" : /^\d/.test(named) ? `× ${named}` : named;
  const paces = stepped ? [1, 5, 20, 100] : [...new Set([120, 40, 15, 5].map((seconds) => nice(span / seconds)))];
  const wanted = $("speed").dataset.for === `${judged.name}${unit}` ? $("speed").value : null;
  $("speed").dataset.for = `${judged.name}${unit}`;
  $("speed").replaceChildren(...paces.map((value) => el("option", { value }, `${number(value)} ${unit}/s`)), el("option", { value: "" }, "full speed"));
  const kept = wanted !== null && [...$("speed").options].some((one) => one.value === wanted);
  $("speed").value = kept ? wanted : String(paces[Math.min(1, paces.length - 1)]);
}

async function start() {
  reveal();
  $("trouble").hidden = true;
  $("run").disabled = true;
  try {
    const answer = await ask("/api/runs", { ...draft(), pace: pace(), paused: false });
    const byKey = document.activeElement === document.body || document.activeElement === $("run");
    history.replaceState(null, "", `#run-${answer.run}`);
    watch(answer.run);
    if (byKey) now.focus = true;
    if ($("work").getBoundingClientRect().top > innerHeight * 0.6) $("work").scrollIntoView();
  } catch (error) {
    failed(error.message);
    buttons();
  }
}

/** Watches the run that the address names, if it still exists, after a reload. */
export async function resume() {
  const named = /^#run-(\d+)$/.exec(location.hash);
  if (named) await again(Number(named[1]));
  recent();
}

/** Shows a run again, with its scenario. */
async function again(run) {
  try {
    const about = await ask(`/api/runs/${run}`);
    await pick(about.scenario);
    reveal();
    history.replaceState(null, "", `#run-${run}`);
    watch(run);
  } catch {
    history.replaceState(null, "", location.pathname);
    recent();
  }
}

/** The list of runs, newest first. */
async function recent() {
  try {
    const { runs } = await ask("/api/runs");
    $("recent-label").hidden = !runs.length;
    $("recent").replaceChildren(...runs.map((run) => el("option", { value: run.run }, called(run))));
    if (now.run) $("recent").value = String(now.run);
  } catch {
    // The list is a convenience.
  }
}

function watch(run) {
  leave();
  Object.assign(now, { run, state: "queued", room: null, reading: null, shape: "", about: null });
  now.asked.clear();
  $("log").replaceChildren();
  $("charts").replaceChildren();
  for (const one of ["results", "answer", "charts", "journal", "empty"]) $(one).hidden = true;
  $("dropped").textContent = "";
  $("room-box").hidden = false;
  $("room-box").open = true;
  now.stream = new EventSource(`/api/runs/${run}/watch`);
  now.stream.addEventListener("message", (event) => seen(JSON.parse(event.data)));
  now.stream.addEventListener("error", () => lost(run));
  // At once, so that nothing below moves when the charts arrive.
  charts();
  now.timer = setInterval(() => { if (!document.hidden) charts(); }, 1000);
  chip();
}

function leave() {
  now.stream?.close();
  now.stream = null;
  clearInterval(now.timer);
}

/** Handles the end of the stream: the run or the server is gone. */
async function lost(run) {
  if (now.run !== run || !active()) return;
  try {
    await ask(`/api/runs/${run}`);
  } catch (error) {
    leave();
    if (location.hash) history.replaceState(null, "", location.pathname);
    now.state = now.room ? "failed" : "empty";
    if (now.room) failed(error.message);
    else { $("empty").hidden = false; now.run = null; }
    chip();
  }
}

function failed(text) {
  $("trouble").textContent = text;
  $("trouble").hidden = false;
  $("empty").hidden = true;
}

function seen({ picture, log, dropped }) {
  const { run, reading, room } = picture;
  if (!now.about) recent();
  now.about = run;
  const before = now.state;
  now.room = room;
  now.reading = reading;
  now.timeOfDay = picture.time_of_day;
  now.state = run.state === "running" && reading.paused && !reading.over ? "paused" : run.state;
  draw(room);
  lines(log, dropped);
  chip();
  if (before !== now.state && ["paused", "done", "failed"].includes(now.state)) say(`The run is ${WORDS[now.state]}.`);
  if (run.state === "done" || run.state === "failed") over(run);
}

async function over(run) {
  leave();
  now.asked.clear();
  draw(now.room);
  recent();
  if (now.judged && !now.judged.error) speeds(now.judged);
  if (run.state === "failed") return failed(run.error);
  try {
    await showResults(run.run, more);
    // The charts of the results are complete; those of the run are samples.
    $("charts").hidden = true;
    $("room-box").open = false;
    const { top } = $("answer").getBoundingClientRect();
    if (top < 0 || top > innerHeight * 0.5) $("answer").scrollIntoView();
  } catch (error) {
    await charts();
    failed(error.message);
  }
}

async function command(wanted) {
  if (!now.run) return;
  try {
    await ask(`/api/runs/${now.run}/command`, wanted);
  } catch (error) {
    say(error.message);
  }
}

function keys(event) {
  if (event.target.closest("input, select, textarea, button, summary, [role=tab], a") || event.ctrlKey || event.metaKey || event.altKey || !active()) return;
  const wanted = { " ": { do: now.reading?.paused ? "go" : "pause" }, ArrowRight: { do: "step" } }[event.key];
  if (!wanted) return;
  event.preventDefault();
  command(wanted);
}

/* The bar */

function chip() {
  $("chip").dataset.state = now.state;
  $("chip").textContent = WORDS[now.state];
  document.body.dataset.state = now.state;
  const chosen = now.judged?.name ? `${now.judged.name} · ${now.judged.model}` : "";
  $("title").textContent = now.about ? `${now.about.name} · run ${now.about.run}` : chosen;
  const { room, reading } = now;
  if (room && reading) {
    const desk = "servers" in room;
    const at = room.stepped ? Math.min(Math.floor(reading.clock), room.span) : reading.clock;
    const clock = room.stepped ? `step ${number(at)} of ${number(room.span)}` : now.timeOfDay ?? `${number(at ?? room.clock ?? room.time, 1)} ${timeUnit(room)}`;
    $("clock").textContent = room.stepped && now.timeOfDay ? `${clock}, ${now.timeOfDay}` : clock;
    const share = desk ? room.time / room.span : room.customers ? room.counts.arrived / room.customers : room.until ? reading.clock / room.until : 0;
    $("progress").value = now.state === "done" ? 1 : Math.min(1, share);
  } else {
    $("clock").textContent = "";
    $("progress").value = 0;
  }
  buttons();
}

/** The unit of time; one that begins with a digit is a multiple. */
const timeUnit = (room) => (/^\d/.test(room.time_unit ?? "") ? `× ${room.time_unit}` : room.time_unit ?? "");

function buttons() {
  const going = active();
  $("run").disabled = !now.valid || going;
  for (const id of ["pause", "step", "stop"]) $(id).disabled = !going || now.state === "queued";
  const label = now.state === "paused" ? "Resume" : "Pause";
  if (now.focus && !$("pause").disabled) {
    now.focus = false;
    if (document.activeElement === document.body) $("pause").focus();
  }
  if (!$("pause").textContent.includes(label)) $("pause").replaceChildren(el("span", { "aria-hidden": "true" }, label === "Pause" ? "❚❚" : "▶"), ` ${label}`);
}

/* The room: built once for its shape, then only the changed parts are updated. */

function draw(room) {
  if (!room) return;
  const desk = "servers" in room;
  // The stations of a network are not visited in the order of the file.
  const network = (now.about ?? now.judged)?.model === "network";
  const shape = network + JSON.stringify(desk ? room.servers.map((one) => [one.name, one.attendants.length]) : room.stages.map((one) => [one.name, one.servers.length])) + now.run;
  if (shape !== now.shape) {
    now.shape = shape;
    now.parts.clear();
    $("room").replaceChildren(...(desk ? buildDesk(room) : buildLine(room, network)));
    $("room").hidden = false;
    $("journal").hidden = now.run === null;
  }
  if (desk) drawDesk(room);
  else drawLine(room);
}

/** A part of the room, looked up once: a line of a hundred stages has five hundred parts. */
function part(selector) {
  if (!now.parts.has(selector)) now.parts.set(selector, $("room").querySelector(selector));
  return now.parts.get(selector);
}

const set = (node, text) => { if (node.textContent !== String(text)) node.textContent = text; };
const put = (node, name, value) => { if (node.getAttribute(name) !== value) node.setAttribute(name, value); };

function counters(names) {
  return el("dl", { class: "counters" }, names.map(([key, label, kind]) => el("div", { "data-kind": kind }, el("dt", {}, label), el("dd", { "data-count": key }, "0"))));
}

/** The meaning of the colours of dots; those of `later` are hidden at first. */
const legend = (states, later = []) => el("p", { class: "legend", "aria-hidden": "true" }, states.map(([state, label]) => el("span", { hidden: later.includes(state) }, el("i", { class: "dot", "data-state": state }), label)));

function buildDesk(room) {
  const gauge = el("div", { class: "gauge card" }, el("header", {}, el("strong", {}, "Buffer"), el("span", { "data-gauge": "text" }, "")),
    el("div", { class: "tank", role: "meter", "aria-label": "Requests in the buffer", "aria-valuemin": "0", "aria-valuemax": room.buffer.capacity ?? "", "aria-valuenow": "0" }, el("div", { class: "fill" })),
    el("span", { "data-gauge": "handed" }, " "));
  const cards = room.servers.map((server, at) => el("article", { class: "card", "data-server": at, "aria-label": `Server ${server.name}` },
    el("header", {}, el("strong", {}, server.name), el("span", { "data-held": at }, "")),
    loaded(at), el("div", { class: "dots" }, server.attendants.map((who, number) => el("button", { type: "button", class: "dot", "data-who": `${at}/${number}`, onclick: () => touch(at, number) })))));
  return [
    counters([["completed", "completed", "completed"], ["rejected", "rejected", "failed"], ["abandoned", "gave up", "failed"], ["failed", "failed", "failed"], ["timed_out", "timed out", "failed"], ["faults", "faults", "down"], ["reallocated", "reallocated", "waiting"]]),
    el("div", { class: "floor" }, gauge, el("div", { class: "servers" }, cards)),
    legend([["busy", "busy"], ["idle", "idle"], ["down", "down"], ["off", "off duty"]], ["off"]),
    explained("The load of a server is the work that comes over the work that its attendants do while up and on duty; work of each class counts as spread over all who have the skill."),
    who("Press an attendant to take it down or to repair it."),
  ];
}

/** A place for the load of a stage or server, which is shown before a run. */
const loaded = (at) => el("div", { class: "load", "data-load": at, hidden: true }, el("span"), el("i", { class: "meter", "aria-hidden": "true" }, el("i")));
const explained = (text) => el("p", { class: "note", id: "loads", hidden: true }, text);

/** Shows the expected loads; a run replaces them by its present state. */
function loads(all) {
  let known = false;
  for (const [at, { load, says }] of all.entries()) {
    const place = part(`[data-load="${at}"]`), none = load === null;
    place.hidden = none;
    if (none) continue;
    known = true;
    place.classList.toggle("over", load >= 1);
    const much = load > 1 ? ": more than it can do" : load === 1 ? ": all that it can do" : "";
    set(place.firstChild, `load ${says}${much}`);
    place.lastChild.firstChild.style.width = `${Math.min(100, 100 * load)}%`;
  }
  $("loads").hidden = !known;
}

const who = (text) => el("p", { class: "note", id: "who", "aria-live": "off" }, text);

/** Describes a dot in words. */
function tell(dot) {
  if (dot && $("who")) $("who").textContent = dot.title.replace("\n", "; ");
}

function drawDesk(room) {
  for (const [key, value] of Object.entries(room.counts)) {
    const shown = part(`[data-count=${key}]`);
    if (shown) set(shown, number(value));
    // Few desks have time-outs.
    if (shown && key === "timed_out") shown.parentElement.hidden = value === 0;
  }
  const off = room.servers.some((server) => server.attendants.some((who) => who.state === "off"));
  const known = $("room").querySelector(".legend [data-state=off]").parentElement;
  known.hidden &&= !off;
  const { length, capacity, handed_over: handed } = room.buffer;
  set(part("[data-gauge=text]"), capacity === null ? number(length) : `${number(length)} of ${number(capacity)}`);
  set(part("[data-gauge=handed]"), handed ? `and ${number(handed)} handed over` : "\u00a0");
  // Without a capacity there is no gauge to fill.
  part(".tank").hidden = capacity === null;
  const most = capacity ?? Math.max(50, length);
  part(".fill").style.width = `${Math.min(100, (100 * length) / Math.max(1, most))}%`;
  put(part(".tank"), "aria-valuenow", String(length));
  const over = !active();
  room.servers.forEach((server, at) => {
    const busy = server.attendants.filter((who) => who.state === "busy").length;
    set(part(`[data-held="${at}"]`), `${busy + server.waiting}${server.capacity === null ? "" : ` of ${server.capacity}`}${server.waiting ? `, ${server.waiting} wait` : ""}`);
    server.attendants.forEach((who, number) => {
      const dot = part(`[data-who="${at}/${number}"]`);
      const key = `${at}/${number}`;
      const wanted = now.asked.get(key);
      if (wanted && (who.state === "down") === (wanted === "down")) now.asked.delete(key);
      put(dot, "data-state", who.state);
      dot.classList.toggle("asked", now.asked.has(key));
      const doing = who.serving ? `busy with #${who.serving.request} (${room.classes[who.serving.class]})` : who.state === "busy" ? "at work after a request" : STATES[who.state] ?? who.state;
      const does = who.slowed ? `${doing}, slowed` : doing;
      const skills = who.skills.map((skill) => room.classes[skill]).join(" and ");
      const label = `${who.name} (${skills}): ${does}${over ? "" : who.state === "down" ? ". Repair" : ". Take down"}`;
      put(dot, "aria-label", label);
      put(dot, "title", `${label}\n${count(who.completed, "request")} served, ${count(who.faults, "fault")}`);
      if (dot.disabled !== over) dot.disabled = over;
    });
  });
}

function touch(server, attendant) {
  const who = now.room?.servers?.[server]?.attendants[attendant];
  if (!who || !active()) return;
  const wanted = who.state === "down" ? "repair" : "down";
  now.asked.set(`${server}/${attendant}`, wanted);
  say(wanted === "down" ? `${who.name} goes down at the next step.` : `${who.name} is repaired at the next step.`);
  drawDesk(now.room);
  command({ do: wanted, server, attendant });
}

/** The most servers of a stage that are drawn; if there are more, they are described in words. */
const DOTS = 60;

function buildLine(room, network) {
  const people = "balked" in room.counts;
  const stages = room.stages.map((stage, at) => el("li", {}, el("article", { class: "card", "data-stage": at, "aria-label": `${network ? "Station" : "Stage"} ${stage.name}` },
    el("header", {}, el("strong", {}, stage.name)), loaded(at),
    el("div", { class: "queue-text" }, el("span", { "data-queue": at }, ""), el("span", { "data-out": at }, "")), el("div", { class: "queue", "data-places": at, "aria-hidden": "true" }),
    el("div", { class: "dots", role: "img" }, stage.servers.slice(0, DOTS).map((_, number) => el("i", { class: "dot", "data-who": `${at}/${number}` }))),
    stage.servers.length > DOTS ? el("p", { class: "queue-text", "data-rest": at }) : null)));
  return [
    counters([["arrived", "arrived", ""], ["departed", "served", "completed"], ["lost", "lost", "failed"], ...(people ? [["balked", "did not join", "failed"], ["abandoned", "gave up", "failed"], ["failed", "failed", "failed"], ["scrapped", "scrap", "failed"]] : []), ["present", network ? "in the network" : "in the line", "waiting"]]),
    el(network ? "ul" : "ol", { class: network ? "stages network" : "stages" }, stages),
    legend([["busy", "busy"], ["idle", "idle"], ["blocked", "blocked"], ...(people ? [["setup", "set-up"], ["down", "down"], ["off", "off duty"]] : [])]),
    explained("The load is the work that comes over the work that the servers can do."),
  ];
}

const STATES = { setup: "set-up", off: "off duty" };

function drawLine(room) {
  for (const [key, value] of Object.entries(room.counts)) set(part(`[data-count=${key}]`), number(value));
  room.stages.forEach((stage, at) => {
    set(part(`[data-out="${at}"]`), `${number(stage.departed)} served`);
    set(part(`[data-queue="${at}"]`), stage.buffer === null ? `${number(stage.waiting)} wait` : `${number(stage.waiting)} of ${number(stage.buffer)} wait`);
    // Without a limit, only occupied places are drawn.
    const shown = Math.min(24, stage.buffer ?? stage.waiting), full = Math.min(shown, stage.waiting);
    const places = part(`[data-places="${at}"]`);
    while (places.children.length < shown) places.append(el("i"));
    while (places.children.length > shown) places.lastChild.remove();
    [...places.children].forEach((place, index) => place.classList.toggle("free", index >= full));
    const tell = {};
    stage.servers.forEach((server, number) => {
      tell[server.state] = (tell[server.state] ?? 0) + 1;
      const dot = part(`[data-who="${at}/${number}"]`);
      if (dot) put(dot, "data-state", server.state);
    });
    const served = stage.in_service === undefined ? Object.entries(tell).map(([state, n]) => `${n} ${STATES[state] ?? state}`).join(", ") : `${number(stage.in_service)} in service`;
    const dots = part(`[data-stage="${at}"] .dots`);
    put(dots, "aria-label", served);
    const rest = part(`[data-rest="${at}"]`);
    if (rest) set(rest, `of ${number(stage.servers.length)} servers: ${served}`);
    if (stage.in_service !== undefined) set(dots, served);
  });
}

/* Charts */

async function charts() {
  const run = now.run;
  if (!run) return;
  try {
    const answer = await ask(`/api/runs/${run}/charts`);
    if (run !== now.run) return;
    $("charts").hidden = false;
    figures($("charts"), answer.charts);
  } catch {
    // The next request may succeed.
  }
}

/* The log */

const KEPT = 400;

function lines(log, dropped) {
  if (!log.length) return;
  const list = $("log");
  const desk = now.room?.stepped;
  const wanted = filtered();
  const width = log[0].time_of_day ? 12 : desk ? 4 : 9;
  const names = Math.min(20, Math.max(11, ...(now.room?.stages ?? []).map((stage) => stage.name.length)));
  list.append(...log.slice(-KEPT).map((line) => {
    const when = line.time_of_day ?? (desk ? String(line.clock) : line.clock.toFixed(2));
    const item = el("li", { "data-kind": line.kind }, `${when.padStart(width)}  ${line.who.padEnd(names)} ${line.sign} ${line.what}`);
    item.hidden = !wanted(item.textContent);
    return item;
  }));
  while (list.children.length > KEPT) list.firstChild.remove();
  // In the next animation frame, which computes the layout anyway; a layout of its own would double the work.
  if (now.follows && !now.frame) now.frame = requestAnimationFrame(() => { now.frame = 0; list.scrollTop = 1e7; });
  set($("dropped"), dropped ? `${number(dropped)} changes were too fast to be shown` : "");
}

function filtered() {
  const words = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  return (text) => words.every((word) => text.toLowerCase().includes(word));
}

function filter() {
  const wanted = filtered();
  for (const item of $("log").children) item.hidden = !wanted(item.textContent);
  $("log").scrollTop = $("log").scrollHeight;
}

export const current = () => now.run;
export { judged };
