// The driver's page without network: what is done is kept on the device, shown as done, and told in order when the
// network is back. The server draws every call of the tour; this script only says which one shows, and in which state.

import { toast } from "../web/shell.js";

const strip = document.querySelector("[data-tour]");
const sheet = document.getElementById("sheet");
const words = JSON.parse(strip.dataset.words);
const WAIT = 180000; // before a rider counts as absent, as the server has it
const memory = new Map(); // for a device that keeps nothing

function read(name, otherwise) {
  const key = `ressort-tour-${strip.dataset.tour}-${name}`;
  try { return JSON.parse(localStorage.getItem(key)) ?? memory.get(key) ?? otherwise; } catch { return memory.get(key) ?? otherwise; }
}
function write(name, value) {
  const key = `ressort-tour-${strip.dataset.tour}-${name}`;
  try { localStorage.setItem(key, JSON.stringify(value)); } catch { memory.set(key, value); }
}

let deeds = read("deeds", []);
let refusals = read("refusals", []);
let trouble = ""; // a sentence of the server that stops the sending
let cut = null; // since when nothing answers
let busy = false;

/** Service time: from the last word of the server, by the device's own clock. */
function now() {
  const { wall, service, rate } = read("clock", { wall: Date.now(), service: Date.now(), rate: 1 });
  return service + (Date.now() - wall) * rate;
}
function readClock() {
  const { asOf, rate } = sheet.querySelector("[data-as-of]").dataset;
  if (read("clock", {}).asOf !== asOf) write("clock", { asOf, wall: Date.now(), service: Date.parse(asOf), rate: Number(rate) });
}

const cards = () => [...sheet.querySelectorAll("[data-call]")];
const rider = (visit) => sheet.querySelector(`[data-rider="${visit}"]`);
const left = (card) => [...card.querySelectorAll("[data-rider]:not(.past)")];

/** Show the first call where somebody is still to be served. */
function turn() {
  const open = cards().filter((card) => left(card).length);
  for (const card of cards()) {
    card.hidden = card !== open[0];
    const row = sheet.querySelector(`[data-of="${card.id}"]`);
    if (row) row.hidden = !open.includes(card) || card === open[0];
  }
  const broken = sheet.querySelector("[data-broken]");
  sheet.querySelector("[data-over]").hidden = open.length > 0 || !broken.hidden;
}

/** Show a deed as done. */
function apply({ kind, visit, at }) {
  const card = rider(visit)?.closest("[data-call]");
  if (kind === "depart" && card) card.dataset.state = "under_way";
  if (kind === "arrive" && card) Object.assign(card.dataset, { state: "arrived", arrived: at });
  if (kind === "serve") rider(visit)?.classList.add("past");
  if (kind === "no_show") {
    for (const end of sheet.querySelectorAll(`[data-promise="${rider(visit)?.dataset.promise}"]`)) end.classList.add("past");
  }
  if (kind === "breakdown") {
    for (const one of cards()) one.hidden = true;
    sheet.querySelector("[data-broken]").hidden = false;
    return;
  }
  if (kind === "serve" || kind === "no_show") turn();
}

const plural = (one, many, n) => (n === 1 ? one : many).replace("%n", n);

function draw() {
  const lines = [];
  if (deeds.length) lines.push(plural(words.kept_one, words.kept_many, deeds.length));
  else if (cut) lines.push(words.cut);
  strip.replaceChildren(...[lines.join(" "), trouble, ...refusals].filter(Boolean).map((text, index) => {
    const line = document.createElement("p");
    line.className = `notice hue-${index === 0 && lines.length ? "info" : "warn"}`;
    line.textContent = text;
    return line;
  }));
  if (refusals.length) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: words.seen });
    button.addEventListener("click", () => { refusals = []; write("refusals", refusals); draw(); });
    strip.append(button);
  }
}

function keep(deed) {
  if (deeds.some(({ key }) => key === deed.key)) return;
  deeds.push(deed);
  write("deeds", deeds);
  apply(deed);
  draw();
}

async function tell() {
  if (!deeds.length || busy) return;
  busy = true;
  const sent = deeds.slice(0, 500);
  try {
    const answer = await fetch(strip.dataset.deeds, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": sheet.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "" },
      body: JSON.stringify({ deeds: sent }),
    });
    if (answer.status >= 500) throw new TypeError(String(answer.status));
    cut = null;
    const told = await answer.json();
    if (answer.ok) {
      trouble = "";
      const over = new Set(told.map(({ key }) => key));
      deeds = deeds.filter(({ key }) => !over.has(key));
      refusals.push(...told.filter(({ state }) => state === "refused").map(({ sentence }) => sentence));
      write("refusals", refusals);
      write("deeds", deeds);
      if (!deeds.length) sheet.dispatchEvent(new Event("deeds:told"));
    } else trouble = told.title;
  } catch { cut ??= Date.now(); } finally { busy = false; draw(); }
}

/** Read what a form does. Refuse here what the server would refuse, since nobody will be there to read it. */
function deedOf(form, button) {
  const data = new FormData(form, button ?? undefined);
  return { key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(16).slice(2)}`, kind: form.dataset.deed,
    at: new Date(now()).toISOString(), visit: Number(data.get("visit")) || null, minutes: Number(data.get("minutes")) || 0 };
}
function tooSoon({ kind, visit }) {
  if (kind !== "no_show") return 0;
  const one = rider(visit);
  const since = Math.max(Date.parse(one.dataset.from), Date.parse(one.closest("[data-call]").dataset.arrived ?? one.dataset.from));
  return Math.max(0, Math.ceil((since + WAIT - now()) / 60000));
}

sheet.addEventListener("htmx:configRequest", (event) => {
  const form = event.target.closest("[data-deed]");
  if (!form) return;
  form.deed = deedOf(form, event.detail.triggeringEvent?.submitter);
  event.detail.parameters.set("key", form.deed.key);
});
sheet.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target.closest("[data-deed]");
  if (!deeds.length && !cut && navigator.onLine) return;
  if (form) {
    event.preventDefault();
    const minutes = tooSoon(form.deed);
    if (minutes) toast(words.wait.replace("%n", minutes), { tone: "bad" });
    else if (form.deed.kind !== "let_go") keep(form.deed);
  } else if (deeds.length) event.preventDefault(); // the server does not know yet what this page shows
  tell();
});
for (const lost of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  sheet.addEventListener(lost, (event) => {
    if (lost === "htmx:responseError" && event.detail.xhr.status < 500) return;
    event.stopPropagation(); // said once, by the strip
    cut ??= Date.now();
    const form = event.target.closest("[data-deed]");
    if (form && form.deed.kind !== "let_go") keep(form.deed); // perhaps it arrived: its key says so
    draw();
  });
}
sheet.addEventListener("htmx:beforeSwap", (event) => {
  if (deeds.length && event.detail.xhr.status < 500) event.detail.shouldSwap = false;
});
sheet.addEventListener("htmx:afterSwap", (event) => {
  if (event.target !== sheet) return;
  cut = null;
  readClock();
  write("sheet", { asOf: sheet.querySelector("[data-as-of]").dataset.asOf, html: event.detail.xhr.responseText });
  draw();
});

/** A page opened from the device may be older than the last sheet it received. */
function catchUp() {
  const last = read("sheet", null);
  const shown = sheet.querySelector("[data-as-of]").dataset.asOf;
  if (last && Date.parse(last.asOf) > Date.parse(shown)) {
    sheet.innerHTML = last.html;
    globalThis.htmx?.process(sheet);
  }
  readClock();
  for (const deed of deeds) apply(deed);
  draw();
}

/** Hand the page and its parts to the worker, once what it needs has been loaded. */
async function settle() {
  if (!("serviceWorker" in navigator) || cut) return;
  await navigator.serviceWorker.register(strip.dataset.worker);
  const { active } = await navigator.serviceWorker.ready;
  const parts = performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => new URL(name).origin === location.origin && /\/(static|tiles|map)\//.test(name));
  const channel = new MessageChannel();
  channel.port1.onmessage = () => { strip.dataset.ready = ""; };
  active.postMessage({ keep: [location.href, ...parts] }, [channel.port2]);
}

catchUp();
tell();
setInterval(tell, 5000);
addEventListener("online", tell);
const quietly = () => settle().catch(() => {}); // without network there is nothing more to keep
document.querySelector("[data-map]")?.addEventListener("map:ready", () => setTimeout(quietly, 3000));
setTimeout(quietly, 8000);
