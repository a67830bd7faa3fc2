// The day and hour are only asked when they matter; without script they are always there.
for (const pair of document.querySelectorAll("[data-when]")) {
  const form = pair.closest("form");
  const show = () => { pair.hidden = form.elements.mode.value === "now"; };
  form.addEventListener("change", show);
  show();
}
