// One legend for every map, and the pictures that the map and the legend share.

const HUES = ["controlroom", "transport", "producers", "initiatives", "making", "observatory"];

/** Return a token's colour as the page paints it (theme included), as #rrggbb. */
export function paint(element, hue) {
  const token = HUES.includes(hue) ? `--hue-${hue}` : `--${hue}`;
  const probe = document.createElement("i");
  probe.style.color = `var(${token}, var(--accent))`;
  element.append(probe);
  const [r, g, b] = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
  probe.remove();
  return `#${[r, g, b].map((c) => Math.round(c).toString(16).padStart(2, "0")).join("")}`;
}

const RATIO = 2;
const SIZE = 36;

function drawing(shape, colour, halo) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE * RATIO;
  const pen = canvas.getContext("2d");
  pen.scale(RATIO, RATIO);
  pen.translate(SIZE / 2, SIZE / 2);
  pen.lineJoin = pen.lineCap = "round";
  pen.fillStyle = colour;
  pen.strokeStyle = halo;
  const round = (x, y, w, h, r) => { pen.beginPath(); pen.roundRect(x, y, w, h, r); };
  if (shape === "square") { round(-9, -9, 18, 18, 4); pen.lineWidth = 5; pen.stroke(); pen.fill(); }
  if (shape === "mark") { // a triangle with its exclamation mark, as on the road
    pen.beginPath();
    pen.moveTo(0, -9);
    pen.lineTo(9.5, 8);
    pen.lineTo(-9.5, 8);
    pen.closePath();
    pen.lineWidth = 7;
    pen.stroke();
    pen.fill();
    pen.strokeStyle = colour;
    pen.lineWidth = 3;
    pen.stroke();
    pen.fillStyle = halo;
    round(-1.3, -4, 2.6, 6.5, 1.3);
    pen.fill();
    pen.beginPath();
    pen.arc(0, 5.4, 1.6, 0, 2 * Math.PI);
    pen.fill();
  }
  if (shape === "arrow" || shape === "rest") {
    pen.shadowColor = "rgb(0 0 0 / .35)";
    pen.shadowBlur = 5;
    pen.beginPath();
    if (shape === "arrow") { // a drop that points ahead
      pen.moveTo(0, -16);
      pen.bezierCurveTo(4, -10.5, 10.5, -7, 10.5, 1);
      pen.arc(0, 1, 10.5, 0, Math.PI);
      pen.bezierCurveTo(-10.5, -7, -4, -10.5, 0, -16);
    } else pen.arc(0, 0, 9.5, 0, 2 * Math.PI);
    pen.closePath();
    pen.lineWidth = 5;
    pen.stroke();
    pen.shadowColor = "transparent";
    pen.fill();
    pen.fillStyle = halo;
    if (shape === "arrow") { round(-4.2, -5, 8.4, 12, 2.4); pen.fill(); pen.fillStyle = colour; round(-2.8, -3, 5.6, 2.6, 0.9); pen.fill(); }
    else { pen.beginPath(); pen.arc(0, 0, 3.4, 0, 2 * Math.PI); pen.fill(); }
  }
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

/** Give the map a picture under a name, drawn again when the theme changes. */
export function picture(map, name, shape, colour, halo) {
  if (map.hasImage(name)) map.removeImage(name);
  map.addImage(name, drawing(shape, colour, halo), { pixelRatio: RATIO });
}

const MARKS = {
  circle: '<circle cx="12" cy="12" r="6" fill="var(--map-halo)" stroke="currentColor" stroke-width="3.5"/>',
  square: '<rect x="5" y="5" width="14" height="14" rx="3.5" fill="currentColor"/>',
  arrow: '<path d="M12 1.5c3 4.2 7.5 7 7.5 12.5a7.5 7.5 0 0 1-15 0C4.5 8.5 9 5.7 12 1.5z" fill="currentColor"/>',
  line: '<path d="M3 17 9 9l6 5 6-8" fill="none" stroke="currentColor" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round"/>',
  area: '<rect x="3" y="4" width="18" height="16" rx="3" fill="currentColor" fill-opacity=".18" stroke="currentColor" stroke-width="2" stroke-dasharray="4 3"/>',
};

/** Fill the legend: one tick per layer, under the name of its service when there are several. */
export function drawLegend({ element, layers }, toggle) {
  const list = element.querySelector("[data-legend]");
  if (!list) return;
  const several = new Set(layers.map((layer) => layer.service)).size > 1;
  let last = "";
  for (const layer of layers) {
    if (several && layer.service !== last) {
      const head = document.createElement("li");
      head.className = "service";
      head.textContent = last = layer.service;
      list.append(head);
    }
    const line = document.createElement("li");
    const label = document.createElement("label");
    label.className = HUES.includes(layer.hue) ? `hue-${layer.hue}` : "hue-accent";
    if (!HUES.includes(layer.hue)) label.style.setProperty("--hue", `var(--${layer.hue}, var(--accent))`);
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: layer.visible });
    box.addEventListener("change", () => toggle(layer, box.checked));
    const mark = document.createElement("span");
    mark.innerHTML = `<svg class="mark" viewBox="0 0 24 24" aria-hidden="true">${MARKS[layer.shape] ?? MARKS.circle}</svg>`;
    label.append(box, mark.firstChild, layer.label);
    line.append(label);
    list.append(line);
  }
}
