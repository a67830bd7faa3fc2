// The time line of a past day: the slider moves the map and what was under way. Without this script the form and the
// links of the page do the same, a page at a time.

const root = document.querySelector("[data-replay]");
const slider = root.querySelector("input[type=range]");
const play = root.querySelector("[data-play]");
const words = root.querySelector("[data-words]");
const start = Number(root.dataset.start);
const last = Number(slider.dataset.last);
const said = new Intl.DateTimeFormat(document.documentElement.lang, {
  weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", timeZone: root.dataset.zone,
});
const EVERY = 400; // milliseconds between two minutes while it unrolls
let view = null, shown = Number(slider.value), busy = false, timer = 0, settle = 0;

const epoch = () => start + Number(slider.value) * 60;

async function draw() {
  const at = new Date(epoch() * 1000).toISOString();
  await Promise.all((view?.layers ?? []).map(async (layer) => {
    layer.source = `${layer.at}${layer.at.includes("?") ? "&" : "?"}at=${encodeURIComponent(at)}`;
    const answer = await fetch(layer.source, { headers: { Accept: "application/geo+json, application/json" } });
    if (!answer.ok) return;
    const data = await answer.json();
    view.data.set(layer.key, data);
    view.map.getSource(`layer-${layer.key}`)?.setData(data);
  }));
}

/** Follow the slider: one moment is read at a time, and always the last one asked for. */
async function follow() {
  if (busy) return;
  busy = true;
  try {
    while (shown !== Number(slider.value)) {
      shown = Number(slider.value);
      await draw();
    }
  } finally { busy = false; }
}

function tell() {
  const text = said.format(new Date(epoch() * 1000));
  words.textContent = text;
  slider.setAttribute("aria-valuetext", text);
}

function moved() {
  if (Number(slider.value) > last) slider.value = String(last);
  tell();
  follow();
  clearTimeout(settle);
  settle = setTimeout(() => { // what was under way, once the hand rests; the address, so that it can be sent
    const url = `${root.dataset.url}?a=${epoch()}`;
    history.replaceState(null, "", url);
    globalThis.htmx?.ajax("GET", url, { target: "#panel", swap: "innerHTML" });
  }, timer ? 0 : 250);
}

function stop() {
  clearInterval(timer);
  timer = 0;
  play.setAttribute("aria-pressed", "false");
  play.querySelector("span").textContent = play.dataset.go;
}

play.dataset.go = play.querySelector("span").textContent;
play.hidden = false;
play.addEventListener("click", () => {
  if (timer) { stop(); return; }
  play.setAttribute("aria-pressed", "true");
  play.querySelector("span").textContent = play.dataset.stop;
  timer = setInterval(() => {
    if (busy) return;
    if (Number(slider.value) >= last) { stop(); return; }
    slider.value = String(Number(slider.value) + 1);
    moved();
  }, EVERY);
});
slider.disabled = false;
slider.addEventListener("input", () => { if (timer) stop(); moved(); });
document.addEventListener("map:ready", ({ detail }) => { view = detail.view; });
document.addEventListener("panel:closed", moved);
tell();
