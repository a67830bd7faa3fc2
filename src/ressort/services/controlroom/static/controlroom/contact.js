// The contact screen by keyboard alone. Without this script every part of the form shows, and the page posts and comes back.

const form = document.querySelector("[data-contact]");
const CHANNELS = { t: "phone", g: "counter", l: "letter", c: "email" };
const KINDS = { s: "report", r: "ride", u: "information" };

/** Only the parts that what the person wants asks for. */
function fit() {
  if (!form) return;
  const kind = form.elements.kind.value;
  for (const part of form.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== kind;
}

function choose(name, value) {
  const found = form.querySelector(`[name=${name}][value=${value}]`);
  if (!found) return false;
  found.checked = true;
  found.focus();
  fit();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const here = event.target;
  if (form && here.matches?.("[name=channel], [name=kind]")) {
    const done = (CHANNELS[event.key] && choose("channel", CHANNELS[event.key])) || (KINDS[event.key] && choose("kind", KINDS[event.key]));
    if (done) {
      event.preventDefault();
      event.stopPropagation();
    }
    return;
  }
  const writes = here.matches?.("textarea, select, input:not([type=radio], [type=checkbox])");
  const next = document.querySelector("[data-next]");
  if (!writes && event.key === "n" && next) {
    event.preventDefault();
    next.click();
  }
});

if (form) {
  form.addEventListener("change", fit);
  fit();
  if (!form.querySelector("[aria-invalid=true]") && !form.querySelector("[data-autofocus]")) form.querySelector("[name=channel]:checked")?.focus();
}
