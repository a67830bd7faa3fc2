// A live refresh changes what the server changed and nothing else: what a person has unfolded stays unfolded, what they
// are writing stays written, the keyboard stays where it is. For fragments with hx-swap="morph:outerHTML" (idiomorph).
// Things that may come, go or change places (rows, folds, fields) carry an id, by which they are recognised.

/** Whether a field holds something else than the server last said. */
function touched(field) {
  if (field.matches("input[type=hidden]")) return false;
  if (field.matches("input[type=checkbox], input[type=radio]")) return field.checked !== field.defaultChecked;
  if (field.matches("select")) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((one) => one.defaultSelected));
  return field.matches("input, textarea") && field.value !== field.defaultValue;
}

export function keepWhatPeopleDo() {
  const { defaults } = globalThis.Idiomorph ?? {};
  if (!defaults) return;
  defaults.ignoreActiveValue = true;
  defaults.callbacks.beforeAttributeUpdated = (name, element) => !(name === "open" && element.matches("details, dialog"));
  defaults.callbacks.beforeNodeMorphed = (before, after) =>
    !(before instanceof Element && (before.isEqualNode(after) || (before.id === after.id && touched(before))));
}
