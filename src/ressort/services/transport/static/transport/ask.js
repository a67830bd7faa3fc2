import { placeAt } from "../web/places.js";

// The day and hour are only asked when they matter; without script they are always there.
for (const pair of document.querySelectorAll("[data-when]")) {
  const form = pair.closest("form");
  const show = () => { pair.hidden = form.elements.mode.value === "now"; };
  form.addEventListener("change", show);
  show();
}

// A point of the map: the first touch is where one leaves, the next where one goes. The map loads when it is opened.
for (const pick of document.querySelectorAll("[data-pick]")) {
  const form = pick.closest("form");
  const words = pick.querySelector("[data-pick-words]");
  const next = () => (form.elements.origin.value.trim() ? "destination" : "origin");
  let field = "origin";
  const tell = () => { words.textContent = words.dataset[field]; };
  const put = (text, place, lon, lat) => {
    form.elements[field].value = text;
    form.elements[`${field}_id`].value = place;
    form.elements[`${field}_lon`].value = lon;
    form.elements[`${field}_lat`].value = lat;
    field = field === "origin" ? "destination" : "origin";
    tell();
  };
  pick.hidden = false;
  pick.addEventListener("toggle", () => {
    if (!pick.open) return;
    field = next();
    tell();
    import(pick.dataset.script);
  });
  pick.addEventListener("map:click", async ({ detail: { lon, lat } }) => {
    const place = await placeAt(lon, lat);
    put(place.label, place.id, place.lon, place.lat);
  });
  pick.addEventListener("map:select", ({ detail: { properties } }) => put(properties.name ?? properties.label, properties.id, "", ""));
}
