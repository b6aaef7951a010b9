// What came of a run, in the order of the report: the answer, the charts, what was lost and why, who waited,
// who was busy, theory beside it, files, how to have it again.

import { $, ask, count, el, number, percent } from "./dom.js";

/** Puts charts drawn by the server in place, without a jump where they were there before. */
export function figures(place, charts) {
  charts.forEach((chart, at) => {
    const drawn = new DOMParser().parseFromString(chart.svg, "image/svg+xml").documentElement;
    const svg = document.importNode(drawn, true);
    const figure = place.children[at];
    if (figure?.tagName === "FIGURE") figure.replaceChildren(svg);
    else place.append(el("figure", {}, svg));
  });
  while (place.children.length > charts.length) place.lastChild.remove();
}

export function table(head, rows, caption) {
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, el("table", {},
    el("caption", { class: "unseen" }, caption),
    el("thead", {}, el("tr", {}, head.map((one) => el("th", { scope: "col" }, one)))),
    el("tbody", {}, rows.map((row) => el("tr", { class: row.class }, [...row].map((one, at) => el(at ? "td" : "th", at ? {} : { scope: "row" }, one)))))));
}

const part = (title, ...inside) => el("section", {}, el("h2", {}, title), inside);

export async function show(run) {
  const answer = await ask(`/api/runs/${run}/results`);
  const { summary } = answer;
  const desk = summary.model === "desk";
  const pictures = el("div", { class: "pictures" });
  figures(pictures, answer.charts);
  $("results").replaceChildren(
    el("section", {}, el("p", { class: "answer" }, answer.sentence), el("p", { class: "note" }, `seed ${answer.run.seed} · digest ${answer.run.digest} · ${duration(answer.seconds)}${summary.interrupted ? " · stopped before its end" : ""}`),
      el("div", { class: "links" }, answer.report ? link(`/api/runs/${run}/report`, "Open the report", "_blank") : null, el("a", { class: "button", href: "#files" }, "Files"))),
    ...(answer.charts.length ? [part("Charts", pictures)] : []),
    ...(desk ? ofDesk(summary) : ofLine(summary)),
    theory(answer.theory),
    files(run, answer),
    again(run, answer),
  );
  $("results").hidden = false;
}

const link = (href, text, target) => el("a", { class: "button", href, target, rel: target ? "noopener" : null }, text);
const duration = (seconds) => (seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${number(seconds, 1)} s`);

function ofDesk(summary) {
  const { requests } = summary;
  const lost = requests.rejected + requests.abandoned + requests.failed;
  const named = [...summary.classes.map((one) => [one.name, one]), ["all", summary]];
  const share = (n, of) => (of ? percent(n / of) : "–");
  return [
    part("Lost, by cause", lost ? table(["class", "generated", "buffer full", "gave up", "failed", "lost"], named.map(([name, one]) => {
      const all = one.requests.rejected + one.requests.abandoned + one.requests.failed;
      return [name, number(one.requests.generated), number(one.requests.rejected), number(one.requests.abandoned), number(one.requests.failed), share(all, one.requests.generated)];
    }), "Requests lost, by class and cause") : el("p", {}, "Nothing was lost.")),
    part("Waiting, in steps", table(["class", "mean", "p50", "p95", "p99", "longest"], named.map(([name, one]) => [name, ...["mean", "p50", "p95", "p99", "max"].map((key) => number(one.waiting[key]))]), "Waiting by class")),
    part("Who was busy", table(["server", "completed", "busy", "up", "held, mean", "held, most"], summary.servers.map((one) => [one.name, number(one.completed), percent(one.utilisation), percent(one.availability), number(one.held.mean), number(one.held.max)]), "Servers"),
      el("p", { class: "note" }, `${count(summary.faults.count, "fault")}, ${count(summary.faults.repairs, "repair")}; ${count(summary.faults.interrupted, "request")} interrupted, ${number(summary.faults.reallocated)} reallocated.`)),
  ];
}

function ofLine(summary) {
  const unit = summary.time_unit ? `, in ${summary.time_unit}` : "";
  const row = (name, one) => [name, ...["mean", "p50", "p95", "p99", "max"].map((key) => number(one[key]))];
  return [
    part(`A customer's time${unit}`, table(["", "mean", "p50", "p95", "p99", "longest"], [row("waiting", summary.waiting), row("service", summary.service), row("blocked", summary.blocked), row("sojourn", summary.sojourn)], "A customer's time over the whole line"),
      el("p", { class: "note" }, `${number(summary.customers.departed)} of ${number(summary.customers.arrived)} customers were served${summary.customers.lost ? `, ${number(summary.customers.lost)} found no place` : ""}. A customer waited at ${number(summary.queues_joined.mean)} stages in the mean.`)),
    part("Stages", table(["stage", "servers", "busy", "idle time", "blocked time", "waiting, mean", "waited", "queue, mean", "queue, most"], summary.stages.map((one) => [one.name, number(one.servers), percent(one.utilisation), number(one.idle_time), number(one.blocked_time), number(one.waiting.mean), percent(one.waited_fraction), number(one.queue_length.mean), number(one.queue_length.max)]), "Stages")),
  ];
}

function theory(theory) {
  if (!theory.applies) return part("Theory", el("p", { class: "note" }, `No closed form applies: ${theory.fails ? `“${theory.fails}” does not hold` : "none is known"}.`));
  const rows = theory.rows.map((one) => [one.key, number(one.simulated), number(one.theory), one.simulated === null || !one.theory ? "–" : percent(one.simulated / one.theory - 1)]);
  return part(`Theory beside simulation: ${theory.model}`, table(["measure", "this run", "theory", "apart"], rows, "Theory beside simulation"), el("p", { class: "note" }, "One run differs from theory by chance; many runs say how sure it is."));
}

function files(run, answer) {
  const size = (bytes) => (bytes < 1024 ? `${bytes} B` : bytes < 1 << 20 ? `${(bytes / 1024).toFixed(0)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`);
  const section = part("Files", el("div", { class: "links" }, answer.files.map((file) => el("a", { class: "button", href: `/api/runs/${run}/files/${file.name}`, download: file.name }, `${file.name}`, el("span", { class: "note" }, `\u00a0${size(file.bytes)}`)))),
    answer.tabled ? null : el("p", { class: "note" }, "The run was too long for its tables to be written here: filas run FILE --out DIR writes them."));
  section.id = "files";
  return section;
}

function again(run, answer) {
  return part("To have it again", el("code", { class: "command" }, answer.reproduce),
    answer.run.by_hand ? el("p", {}, "What was done by hand is in that scenario.toml; alone, as a patch: ", el("a", { href: `/api/runs/${run}/patch.toml`, download: "by-hand.toml" }, "by-hand.toml"), ".") : null,
    el("p", { class: "note" }, answer.summary.interrupted ? "This run was stopped before its end; the command runs it to the end." : `The digest will be ${answer.run.digest}, on any machine and engine.`));
}
