// The agent's desk by keyboard alone. Everything here has a button; without this script the page posts and comes back.

const desk = () => document.querySelector("[data-desk]");
const inside = (selector) => desk()?.querySelector(selector);
const WAYS = { t: "phone", g: "counter", p: "paper" };
let typed = false;

/** The day and hour only when they matter, the address only for a letter. */
function fit() {
  const form = desk();
  if (!(form instanceof HTMLFormElement)) return;
  const when = inside("[data-desk-when]");
  const letter = inside("[data-desk-letter]");
  if (when) when.hidden = form.elements.mode.value === "now";
  if (letter) letter.hidden = form.elements.receipt_by.value !== "letter";
}

/** Say in the live region what came back, and go to the first field that is wrong. */
function told() {
  fit();
  const says = document.getElementById("desk-says");
  const wrong = inside("[aria-invalid=true]");
  const words = [...(desk()?.querySelectorAll(".field .error") ?? [])].map((one) => one.textContent.trim());
  if (says) says.textContent = words.length ? words.join(" ") : (inside("[data-says]")?.textContent.trim() ?? "");
  wrong?.focus();
}

function restart(event) {
  if (!typed && !inside("[data-choose]")) return;
  event.preventDefault(); // else the same key closes what it opens
  document.getElementById("restart")?.showModal();
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const here = event.target;
  const writes = here.matches?.("textarea, select, input:not([type=radio], [type=checkbox])");
  const press = (found) => { if (found) { event.preventDefault(); event.stopPropagation(); found.click(); } };
  if (event.key === "Escape") { if (!inside("[data-done]") && desk() instanceof HTMLFormElement) restart(event); return; }
  if (here.matches?.("[data-find]")) {
    if (event.key === "Enter") press(inside("button[value=find]"));
    if (event.key === "ArrowDown" && inside("[data-person]")) { event.preventDefault(); inside("[data-person]").focus(); }
    return;
  }
  if (here.matches?.("[data-person]") && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    const all = [...desk().querySelectorAll("[data-person]")];
    const next = all[all.indexOf(here) + (event.key === "ArrowDown" ? 1 : -1)] ?? inside("[data-find]");
    event.preventDefault();
    next.focus();
    return;
  }
  if (here.closest?.("[data-ways]") && WAYS[event.key]) { press(inside(`[name=way_in][value=${WAYS[event.key]}]`)); return; }
  if (writes) return;
  if (/^[1-9]$/.test(event.key)) press(inside(`[data-choose="${event.key}"]`));
  if (event.key === "e") press(inside("[data-spell] > summary"));
  if (event.key === "i") press(inside("[data-print]"));
  if (event.key === "n") press(inside("[data-next]"));
}

// Offers answer one question: when it changes they no longer stand.
document.addEventListener("input", (event) => {
  if (!event.target.closest?.("[data-desk]")) return;
  typed = true;
  fit();
  if (/^(origin|destination|mode|day|hour|passengers|wheelchairs|luggage)/.test(event.target.name)) {
    for (const button of desk().querySelectorAll("[data-choose]")) button.closest(".offer").remove();
  }
});
document.addEventListener("change", fit);
document.addEventListener("keydown", key);
document.addEventListener("htmx:load", (event) => { if (event.detail.elt.matches?.("[data-desk]")) told(); });
fit();
if (desk() instanceof HTMLFormElement && !inside("[aria-invalid=true]")) inside("[name=way_in]:checked")?.focus();
