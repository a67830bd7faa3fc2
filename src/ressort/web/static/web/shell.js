// What every page gets on top of plain HTML: theme without a reload, dialogs, toasts, steppers, keys, the clock,
// relative times. Each part is silent when its elements are absent; nothing here is needed to read or to post.

import { startLive } from "./live.js";
import { keepWhatPeopleDo } from "./morph.js";
import { enhancePickers } from "./places.js";
import { startPalette } from "./palette.js";
import { enhanceTables } from "./tables.js";
import { hourOf, startClock, refreshTimes } from "./clock.js";

const find = (selector, inside = document) => inside.querySelector(selector);
const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];

/** Make what was just added to the page work: called for the page and for every htmx fragment. */
function enhance(root) {
  for (const stepper of all("[data-stepper]", root)) {
    for (const button of all("[data-step]", stepper)) button.hidden = false;
  }
  for (const toast of all("[data-toast]", root)) if (!toast.hasAttribute("data-stays")) fade(toast);
  find("[data-autofocus]", root)?.focus();
  enhancePickers(root);
  enhanceTables(root);
  refreshTimes(root);
}

function fade(toast) {
  const leave = () => { if (!toast.matches(":hover, :focus-within")) toast.remove(); else setTimeout(leave, 3000); };
  setTimeout(leave, 9000);
}

/** Show a toast from a script; an undo address makes it reversible. */
export function toast(text, { tone = "ok" } = {}) {
  const place = document.getElementById("toasts");
  const made = document.createElement("div");
  made.className = `toast ${tone}`;
  made.setAttribute("role", tone === "bad" ? "alert" : "status");
  made.textContent = text;
  place?.append(made);
  fade(made);
}

function chooseTheme(choice) {
  const year = 31536000;
  document.cookie = choice === "auto" ? "theme=; path=/; max-age=0; samesite=lax" : `theme=${choice}; path=/; max-age=${year}; samesite=lax`;
  if (choice === "auto") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.dataset.theme = choice;
  for (const button of all("[data-theme-choice]")) {
    if (button.closest(".theme")) button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
  }
  document.dispatchEvent(new CustomEvent("theme:changed"));
}

function step(button) {
  const input = find("input", button.closest("[data-stepper]"));
  if (Number(button.dataset.step) > 0) input.stepUp(); else input.stepDown();
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

export function closePanel() {
  const panel = find("[data-panel]");
  if (!panel || !panel.childElementCount) return false;
  panel.replaceChildren();
  document.dispatchEvent(new CustomEvent("panel:closed"));
  return true;
}

document.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest(selector);
  let hit;
  if ((hit = on("[data-theme-choice]")) && !hit.closest(".rail")) { event.preventDefault(); chooseTheme(hit.dataset.themeChoice); }
  else if ((hit = on("[data-step]"))) step(hit);
  else if ((hit = on("[data-opens]"))) document.getElementById(hit.dataset.opens)?.showModal();
  else if ((hit = on("[data-closes]"))) hit.closest("dialog")?.close();
  else if ((hit = on("[data-dismiss]"))) hit.closest("[data-toast]")?.remove();
  else if (on("[data-close-panel]")) closePanel();
  else if (event.target instanceof HTMLDialogElement) event.target.close(); // a click on the backdrop
});

let goes = 0; // when « g » was pressed
function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape" && !find("dialog[open]")) { closePanel(); return; }
  if (event.target.closest?.("input, select, textarea, [contenteditable]")) return;
  if (performance.now() - goes < 1500) {
    goes = 0;
    const link = find(`[data-go="${CSS.escape(event.key)}"]`);
    if (link) { event.preventDefault(); link.click(); return; }
  }
  const act = {
    "?": () => document.getElementById("keys")?.showModal(),
    "/": () => find("[data-search]")?.focus(),
    g: () => { goes = performance.now(); },
    j: () => find("[data-journal] > summary")?.click(),
    l: () => find(".map .key > summary")?.click(),
    d: () => find("[data-density-choice]")?.click(),
  }[event.key];
  if (act && (find("[data-panel]") || event.key === "/")) { if (event.key !== "g") event.preventDefault(); act(); }
}
document.addEventListener("keydown", key);

/** The journal at the foot of the console: newest first, a hundred lines at most. */
function journal(event) {
  const { text, at } = event.detail;
  const latest = find("[data-journal-latest]");
  if (latest) latest.textContent = text;
  const list = find("[data-journal-list]");
  if (!list) return;
  const line = document.createElement("li");
  line.className = "new";
  const time = document.createElement("time");
  time.dateTime = at;
  time.textContent = hourOf(at);
  const knot = document.createElement("span");
  knot.className = "knot";
  const words = document.createElement("span");
  words.textContent = text;
  line.append(time, knot, words);
  list.prepend(line);
  while (list.childElementCount > 100) list.lastElementChild.remove();
}

document.addEventListener("htmx:load", (event) => enhance(event.detail.elt));
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.matches?.("[data-panel]")) event.target.focus({ preventScroll: true });
});
document.addEventListener("htmx:sendError", () => toast(document.documentElement.lang === "fr" ? "Le serveur ne répond pas. Vérifiez votre connexion." : "The server does not answer. Check your connection.", { tone: "bad" }));
find("[data-journal]")?.addEventListener("live", journal);

keepWhatPeopleDo();
enhance(document);
startPalette();
startClock();
startLive();
