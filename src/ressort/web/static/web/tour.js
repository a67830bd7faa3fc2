// The guided tour's only script: bring what the address highlights into sight, above the bar, in an open fold.
// Without it the highlight is there all the same, by :target.

function show() {
  const shown = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!shown) return;
  for (let fold = shown.parentElement?.closest("details"); fold; fold = fold.parentElement?.closest("details")) fold.open = true;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  shown.scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
}

if (document.querySelector("[data-tour]")) show();
