// The command palette: Ctrl K, a few letters, Enter. What it offers is drawn by the server (shell.commands).

const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

/** Tell whether every word typed begins a word of the label. */
function fits(label, typed) {
  const words = fold(label).split(/[^a-z0-9]+/);
  return fold(typed).split(/\s+/).filter(Boolean).every((one) => words.some((word) => word.startsWith(one)));
}

/** Return how well an option fits: 0 from the start of its name, 1 by another word of it, 2 by its service, 3 not at all. */
function rank(option, typed) {
  const name = option.querySelector(".grow").textContent;
  if (fold(name).startsWith(fold(typed.trim()))) return 0;
  if (fits(name, typed)) return 1;
  return fits(option.textContent, typed) ? 2 : 3;
}

export function startPalette() {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const input = dialog.querySelector("input");
  let options = [...dialog.querySelectorAll("[role=option]")];
  const usual = options.filter((option) => !option.dataset.finds);
  const search = options.find((option) => option.dataset.finds);
  const shown = () => options.filter((option) => !option.hidden);
  let at = 0;

  const mark = (index) => {
    const list = shown();
    at = (index + list.length) % list.length;
    for (const option of options) option.setAttribute("aria-selected", String(option === list[at]));
    input.setAttribute("aria-activedescendant", list[at].id);
    list[at].scrollIntoView({ block: "nearest" });
  };
  const sift = () => {
    const ranks = new Map(usual.map((option) => [option, rank(option, input.value)]));
    for (const [option, value] of ranks) option.hidden = value === 3;
    search.querySelector("[data-typed]").textContent = input.value;
    search.hidden = !input.value.trim();
    options = [...usual.toSorted((one, other) => ranks.get(one) - ranks.get(other)), search];
    search.parentElement.append(...options);
    mark(0);
  };
  const follow = (option) => {
    location.assign(option.dataset.finds ? `${option.dataset.finds}?q=${encodeURIComponent(input.value)}` : option.dataset.href);
  };
  const open = () => { dialog.showModal(); input.focus(); sift(); };

  input.addEventListener("input", sift);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); mark(at + step); }
    if (event.key === "Enter") { event.preventDefault(); follow(shown()[at]); }
  });
  for (const option of options) option.addEventListener("click", () => follow(option));
  dialog.addEventListener("close", () => { input.value = ""; }); // not as it opens: what is typed at once would be lost
  dialog.addEventListener("toggle", () => { if (dialog.open) { sift(); input.focus(); } });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); open(); }
  });
}
