// Curves that grow: one uPlot per [data-live-chart] ({% live_chart %}), drawn from the figures in the page, then read
// again from their address when the live stream says that something happened. The table beside says the same; only
// the last value of each series is written as words, so that a screen reader is never flooded.

import uPlot from "uplot";

const HEIGHT = 200;
const QUIET = 4000; // milliseconds between two readings, however many events arrive
const ROWS = 12;

const colour = (element, name) => getComputedStyle(element).getPropertyValue(name).trim();
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** A token's colour as a canvas reads it: light-dark() and the hue of the element are resolved by a probe. */
function paint(element, value) {
  const probe = document.createElement("span");
  probe.style.color = value;
  element.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function options(element, width, figures) {
  const [hue, second, line, ink] = ["var(--hue, var(--accent))", "var(--ink-3)", "var(--line)", "var(--ink-3)"].map((one) => paint(element, one));
  const font = `12px ${colour(document.documentElement, "--font")}`;
  const axis = { stroke: ink, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  const hours = new Map(figures.at.map((at, index) => [at, figures.hours[index]]));
  const nearest = (at) => hours.get(at) ?? hours.get(figures.at.findLast((one) => one <= at)) ?? "";
  return {
    width, height: HEIGHT, legend: { show: false }, cursor: { show: !still.matches, points: { size: 7 }, drag: { x: false } },
    scales: { x: { time: true }, y: { range: (_plot, _low, high) => [0, Math.max(2, Math.ceil((high ?? 0) * 1.15))] } },
    axes: [
      { ...axis, grid: { show: false }, space: 64, values: (_plot, marks) => marks.map(nearest) },
      { ...axis, size: 36, values: (_plot, marks) => marks.map((mark) => (Number.isInteger(mark) ? String(mark) : "")) },
    ],
    series: [{}, ...figures.rows.map((_row, rank) => (rank
      ? { stroke: second, width: 2, dash: [5, 4], points: { show: false } }
      : { stroke: hue, width: 2.25, fill: `color-mix(in srgb, ${hue}, transparent 88%)`, points: { show: false } }))],
  };
}

function write(element, figures) {
  const words = new Intl.NumberFormat(document.documentElement.lang);
  const say = (value) => (value === null ? "–" : words.format(value));
  element.querySelectorAll("[data-newest]").forEach((place, rank) => { place.textContent = say(figures.rows[rank].at(-1) ?? null); });
  const body = element.querySelector("tbody");
  const rows = figures.at.map((_at, index) => index).slice(-ROWS).reverse().map((index) => {
    const row = document.createElement("tr");
    const head = Object.assign(document.createElement("th"), { scope: "row", textContent: figures.hours[index] });
    row.append(head, ...figures.rows.map((one) => Object.assign(document.createElement("td"), { className: "n", textContent: say(one[index]) })));
    return row;
  });
  body.replaceChildren(...rows);
}

function start(element) {
  const place = element.querySelector("[data-plot]");
  let figures = JSON.parse(element.querySelector("script[type='application/json']").textContent);
  let plot = null;
  const draw = () => {
    plot?.destroy();
    plot = new uPlot(options(element, place.clientWidth, figures), [figures.at, ...figures.rows], place);
    element.dataset.ready = String(figures.at.length);
  };
  let waiting = 0;
  const read = async () => {
    waiting = 0;
    const answer = await fetch(element.dataset.source, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    figures = await answer.json();
    write(element, figures);
    draw();
  };
  element.addEventListener("live", () => { waiting ||= setTimeout(read, QUIET); });
  document.addEventListener("theme:changed", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  new ResizeObserver(() => { if (plot && place.clientWidth) plot.setSize({ width: place.clientWidth, height: HEIGHT }); }).observe(place);
  draw();
}

for (const element of document.querySelectorAll("[data-live-chart]")) {
  document.head.prepend(Object.assign(document.createElement("link"), { rel: "stylesheet", href: element.dataset.css }));
  start(element);
}
