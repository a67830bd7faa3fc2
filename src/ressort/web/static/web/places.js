// The place picker: a plain text input becomes an ARIA combobox over /api/v1/places; where it is offered, a point of the
// map is named and chosen too. Without this script the text itself is posted and the server finds the place.

let serial = 0;

async function ask(url, text, signal) {
  const answer = await fetch(`${url}?q=${encodeURIComponent(text)}`, { signal, headers: { Accept: "application/json" } });
  if (!answer.ok) return [];
  const found = await answer.json();
  return Array.isArray(found) ? found : (found.items ?? []);
}

/** Name a point: the nearest address or place, else its coordinates. */
export async function placeAt(lon, lat) {
  const place = { id: "", lon: lon.toFixed(6), lat: lat.toFixed(6), label: `${lat.toFixed(5)}, ${lon.toFixed(5)}` };
  try {
    const answer = await fetch(`/api/v1/places/reverse?lon=${lon}&lat=${lat}`, { headers: { Accept: "application/json" } });
    return { ...place, label: (answer.ok && (await answer.json()).label) || place.label };
  } catch {
    return place; // without network the point is still the point
  }
}

function picker(root) {
  const input = root.querySelector("input:not([type=hidden])");
  const hidden = Object.fromEntries([...root.querySelectorAll("[data-place]")].map((one) => [one.dataset.place, one]));
  const list = document.createElement("ul");
  const name = `options-${++serial}`;
  list.id = name;
  list.className = "options";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", root.closest(".field")?.querySelector("label")?.textContent ?? "");
  root.append(list);
  Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": name }).forEach(([key, value]) => input.setAttribute(key, value));

  let places = [], at = -1, pending = null, timer = 0;

  const show = (open) => {
    list.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) { at = -1; input.removeAttribute("aria-activedescendant"); }
  };
  const mark = (index) => {
    at = index;
    [...list.querySelectorAll("[role=option]")].forEach((option, i) => {
      option.setAttribute("aria-selected", String(i === at));
      if (i === at) { input.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
    });
  };
  const choose = (place) => {
    input.value = place.label;
    for (const key of ["id", "lon", "lat"]) if (hidden[key]) hidden[key].value = place[key] ?? "";
    show(false);
    root.dispatchEvent(new CustomEvent("place:chosen", { bubbles: true, detail: place }));
  };
  const draw = () => {
    list.replaceChildren(...places.map((place, i) => {
      const option = document.createElement("li");
      option.id = `${name}-${i}`;
      option.className = "option";
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      const words = document.createElement("span");
      words.textContent = place.label;
      if (place.note ?? place.commune) {
        const note = document.createElement("small");
        note.textContent = place.note ?? place.commune;
        words.append(note);
      }
      option.append(words);
      option.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(place); });
      return option;
    }));
    if (!places.length) {
      const none = document.createElement("li");
      none.className = "none";
      none.textContent = root.dataset.none;
      list.append(none);
    }
    show(true);
  };
  const search = () => {
    for (const key of ["id", "lon", "lat"]) if (hidden[key]) hidden[key].value = ""; // typed text is no longer the place chosen
    clearTimeout(timer);
    pending?.abort();
    const text = input.value.trim();
    if (text.length < 2) { show(false); return; }
    timer = setTimeout(async () => {
      pending = new AbortController();
      try { places = await ask(root.dataset.url, text, pending.signal); draw(); } catch (error) { if (error.name !== "AbortError") show(false); }
    }, 150);
  };

  const point = root.closest(".field")?.querySelector("[data-point]");
  if (point) {
    point.hidden = false;
    point.addEventListener("toggle", () => { if (point.open) import(point.dataset.script); }); // the map loads when it is opened
    point.addEventListener("map:click", async ({ detail: { lon, lat } }) => choose(await placeAt(lon, lat)));
  }

  input.addEventListener("input", search);
  input.addEventListener("blur", () => setTimeout(() => show(false), 120));
  input.addEventListener("keydown", (event) => {
    const open = !list.hidden && places.length;
    if (event.key === "ArrowDown" && open) { event.preventDefault(); mark((at + 1) % places.length); }
    else if (event.key === "ArrowUp" && open) { event.preventDefault(); mark((at - 1 + places.length) % places.length); }
    else if (event.key === "Enter" && open && at >= 0) { event.preventDefault(); choose(places[at]); }
    else if (event.key === "Escape" && !list.hidden) { event.stopPropagation(); show(false); }
  });
}

/** Make the pickers of a page or fragment work; each once. */
export function enhancePickers(root) {
  for (const one of root.querySelectorAll("[data-picker]:not([data-ready])")) {
    one.dataset.ready = "";
    picker(one);
  }
}
