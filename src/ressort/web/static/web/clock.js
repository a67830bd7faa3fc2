// The clock of the top bar and the relative times of the page, both in service time (which may run fast).

const page = { at: performance.now(), now: Date.now(), rate: 1, zone: "" };
const lang = () => document.documentElement.lang || "fr";

function readClock(element) {
  page.at = performance.now();
  page.now = Date.parse(element.dataset.now);
  page.rate = Number(element.dataset.rate);
  page.zone = /[+-]\d\d:\d\d$/.exec(element.dataset.now)?.[0] ?? "";
}

/** Service time now, in milliseconds since 1970. */
export function serviceNow() {
  return page.now + (performance.now() - page.at) * page.rate;
}

/** How many service seconds pass in a real one. */
export function serviceRate() {
  return page.rate;
}

/** The service's clock was moved, or runs at another rate than this page knew. */
function setClock({ now, rate }) {
  const element = document.querySelector("[data-clock]");
  if (!element) return;
  Object.assign(page, { at: performance.now(), now: Date.parse(now), rate });
  const said = element.querySelector(".rate");
  if (said) said.textContent = rate ? `×${rate}` : lang() === "fr" ? "arrêté" : "stopped";
  for (const button of element.querySelectorAll("button[name=rate]")) button.setAttribute("aria-pressed", String(Number(button.value) === rate));
  refreshTimes(document);
}

function localTime(stamp) {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(page.zone) ?? [0, "+", "0", "0"];
  const shift = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
  return new Date(stamp + shift * 60000).toISOString().slice(11, 19);
}

/** Say an instant as the server does: « 7 h 45 », in the territory's zone. */
export function hourOf(iso) {
  const [hours, minutes] = localTime(Date.parse(iso)).split(":");
  return lang() === "fr" ? `${Number(hours)}\u00a0h\u00a0${minutes}` : `${Number(hours)}:${minutes}`;
}

/** Let the clock of the page tick; a fragment that replaces it (new rate) is read again. */
export function startClock() {
  const tick = () => {
    const element = document.querySelector("[data-clock]");
    if (!element) return;
    if (!element.dataset.read) { element.dataset.read = "1"; readClock(element); }
    element.querySelector("[data-clock-face]").textContent = localTime(serviceNow());
  };
  if (document.querySelector("[data-clock]")) { tick(); setInterval(tick, 250); }
  document.addEventListener("live:clock", ({ detail }) => setClock(detail));
  setInterval(() => refreshTimes(document), 15000);
}

/** Say near times again (« dans 12 min »): only those within the hour change while one looks. */
export function refreshTimes(root) {
  if (!document.querySelector("[data-clock][data-read]")) return; // without the service's clock the server's words stand
  const french = lang() === "fr";
  for (const time of root.querySelectorAll("time[data-when]")) {
    const gap = (Date.parse(time.dateTime) - serviceNow()) / 1000;
    if (Math.abs(gap) >= 3300) continue;
    const minutes = `${Math.max(1, Math.round(Math.abs(gap) / 60))}\u00a0min`;
    if (Math.abs(gap) < 45) time.textContent = french ? "maintenant" : "now";
    else if (gap > 0) time.textContent = french ? `dans ${minutes}` : `in ${minutes}`;
    else time.textContent = french ? `il y a ${minutes}` : `${minutes} ago`;
  }
}
