// Tables one can sort, sift and take away. The server's order and rows are the whole truth; this only rearranges them.
// An element [data-table="name"] around a table asks for it; data-sift, data-take: words of its two controls.

const number = (text) => Number(text.replace(/[\s\u00a0\u202f%€]/g, "").replace(/^[–-]$/, "").replace(",", ".").replace(/[^\d.-].*$/, ""));
const cell = (row, index) => row.cells[index];

/** What a cell is sorted by: its declared value, the instant it names, its figure, its words. */
function value(one, figures) {
  if (!one) return "";
  const instant = one.querySelector("time[datetime]")?.dateTime;
  if (one.dataset.value !== undefined) return Number(one.dataset.value);
  if (instant) return Date.parse(instant);
  return figures ? number(one.textContent) || 0 : one.textContent.trim();
}

function sort(table, index, down) {
  const body = table.tBodies[0];
  const figures = table.tHead.rows[0].cells[index].classList.contains("n");
  const words = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const keyed = [...body.rows].map((row) => [value(cell(row, index), figures), row]);
  keyed.sort(([a], [b]) => (typeof a === "number" && typeof b === "number" ? a - b : words.compare(String(a), String(b))) * (down ? -1 : 1));
  body.append(...keyed.map(([, row]) => row));
}

const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

/** Write what is shown as a spreadsheet reads it: UTF-8 with its mark, semicolons. */
function take(table, name) {
  const words = (one) => `"${one.textContent.replace(/\s+/g, " ").trim().replaceAll('"', '""').replace(/^([=+@\t-])(?=\D)/, "'$1")}"`;
  const rows = [table.tHead.rows[0], ...[...table.tBodies[0].rows].filter((row) => !row.hidden)];
  const text = `\ufeff${rows.map((row) => [...row.cells].map(words).join(";")).join("\r\n")}\r\n`;
  const link = Object.assign(document.createElement("a"), { download: `${name}.csv`, href: URL.createObjectURL(new Blob([text], { type: "text/csv" })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function enhance(root) {
  const table = root.querySelector("table");
  if (!table?.tHead || table.tBodies[0].rows.length < 3) return;
  [...table.tHead.rows[0].cells].forEach((head, index) => {
    if (!head.textContent.trim() || head.querySelector("a, button")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sorts";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      sort(table, index, down);
    });
  });
  const bar = document.createElement("div");
  bar.className = "table-bar no-print";
  const sift = Object.assign(document.createElement("input"), { type: "search", placeholder: root.dataset.sift });
  sift.setAttribute("aria-label", root.dataset.sift);
  const count = Object.assign(document.createElement("span"), { className: "faint num" });
  count.setAttribute("role", "status");
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: root.dataset.take });
  bar.append(sift, count, button);
  root.prepend(bar);
  sift.addEventListener("input", () => {
    const typed = fold(sift.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      const text = fold(row.textContent);
      row.hidden = !typed.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    count.textContent = typed.length ? `${shown} / ${table.tBodies[0].rows.length}` : "";
  });
  button.addEventListener("click", () => take(table, root.dataset.table));
}

/** Make the tables of a page or fragment work; each once. */
export function enhanceTables(root) {
  for (const one of root.querySelectorAll("[data-table]:not([data-ready])")) {
    one.dataset.ready = "";
    enhance(one);
  }
}
