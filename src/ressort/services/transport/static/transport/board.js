// The plan of the day opens on the present, a third from its left, wherever the screen is too narrow for the day.

const gantt = document.querySelector(".gantt");
const now = gantt?.querySelector(".now");
if (now) {
  const names = gantt.querySelector(".who")?.offsetWidth ?? 0;
  gantt.scrollLeft = now.offsetLeft - names - (gantt.clientWidth - names) / 3;
}
