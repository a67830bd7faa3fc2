// The layers that services declare: how each shape is drawn, clustered, selected.

import { paint, picture } from "./map-legend.js";

const CLUSTER_ABOVE = 1200; // points: fewer than that are all shown, small from afar
const EMPTY = { type: "FeatureCollection", features: [] };

/** Read a layer; without an answer what is shown stays, and greys out when the stream is silent. */
async function read(layer, shown = EMPTY) {
  if (layer.data) return layer.data;
  if (!layer.source) return EMPTY;
  try {
    const answer = await fetch(layer.source, { headers: { Accept: "application/geo+json, application/json" } });
    return answer.ok ? await answer.json() : shown;
  } catch { return shown; }
}

/** Add every declared layer to a style that has just loaded. */
export function addLayers(view) {
  for (const layer of [...view.layers].reverse()) {
    if (layer.tiles) { build(view, layer, EMPTY); continue; }
    if (layer.channel) build(view, layer, view.data.get(layer.key) ?? EMPTY);
    else if (view.data.has(layer.key)) build(view, layer, view.data.get(layer.key));
    load(view, layer);
  }
}

async function load(view, layer) {
  const data = await read(layer);
  if (layer.channel) { view.motions.get(layer.key).start(data); return; }
  view.data.set(layer.key, data);
  const source = view.map.getSource(`layer-${layer.key}`);
  if (source) source.setData(data);
  else if (view.map.isStyleLoaded() || view.map.getStyle()) build(view, layer, data);
  layer.refresh = throttle(async () => {
    const fresh = await read(layer, view.data.get(layer.key));
    view.data.set(layer.key, fresh);
    view.map.getSource(`layer-${layer.key}`)?.setData(fresh);
  }, 2000);
  if (view.drawn && layer.missed) { layer.missed = false; layer.refresh(); } // an event came while it was being read
}

/** A layer of tiles is read again under another address: what is shown stays until the new tiles are there. */
function readTilesAgain(view, layer) {
  layer.version = (layer.version ?? 0) + 1;
  view.map.getSource(`layer-${layer.key}`)?.setTiles([`${location.origin}${layer.tiles}?v=${layer.version}`]);
}

function throttle(run, every) {
  let timer = 0;
  return () => { timer ||= setTimeout(() => { timer = 0; run(); }, every); };
}

function build(view, layer, data) {
  const { map } = view;
  const source = `layer-${layer.key}`;
  if (map.getSource(source)) return;
  if (layer.tiles) {
    map.addSource(source, { type: "vector", tiles: [`${location.origin}${layer.tiles}`], maxzoom: 17 });
    layer.refresh ??= throttle(() => readTilesAgain(view, layer), 10000);
  }
  const crowded = layer.tiles || !layer.channel && ["circle", "square"].includes(layer.shape) && data.features.length > CLUSTER_ABOVE;
  if (!layer.tiles) map.addSource(source, { type: "geojson", data, promoteId: "id", ...(crowded ? { cluster: true, clusterRadius: 44, clusterMaxZoom: 13 } : {}) });
  const colour = paint(view.element, layer.hue);
  const halo = paint(view.element, "map-halo");
  const shown = layer.visible ? "visible" : "none";
  const add = (made) => map.addLayer({ source, ...(layer.tiles ? { "source-layer": "points" } : {}), ...made, layout: { visibility: shown, ...(made.layout ?? {}) } }, before(view, layer));
  layer.parts = [];
  const draw = DRAW[layer.shape] ?? DRAW.circle;
  for (const made of draw({ id: source, key: layer.key, colour, halo, crowded, map, view, layer })) {
    add(made);
    layer.parts.push(made.id);
  }
  layer.touch = layer.parts.filter((id) => !id.startsWith("ring-"));
}

/** Areas lie under lines, lines under points, all of them under the names of places, moving things on top. */
function before(view, layer) {
  const depth = { area: 0, line: 1, square: 2, circle: 2, arrow: 4 };
  const mine = depth[layer.shape] ?? 2;
  for (const other of view.layers) {
    const theirs = depth[other.shape] ?? 2;
    if (other !== layer && theirs > mine && theirs < 4 && other.parts?.length && view.map.getLayer(other.parts[0])) return other.parts[0];
  }
  return mine < 4 && view.map.getLayer("place-hamlet") ? "place-hamlet" : undefined;
}

const noCluster = ["!", ["has", "point_count"]];
const ring = ({ key, id, colour }, radius) => ({
  id: `ring-${key}`, source: id, type: "circle", filter: ["==", ["get", "id"], "\u0000"],
  paint: { "circle-radius": radius, "circle-color": "rgba(0,0,0,0)", "circle-stroke-color": colour, "circle-stroke-width": 3, "circle-stroke-opacity": 0.85 },
});
const name = ({ id, view }, offset, min) => ({
  id: `${id}-name`, type: "symbol", minzoom: min, filter: ["has", "label"],
  layout: { "text-field": ["get", "label"], "text-font": ["Atkinson Hyperlegible Next"], "text-size": 12, "text-offset": [0, offset], "text-anchor": "top", "text-optional": true, "text-max-width": 9 },
  paint: { "text-color": paint(view.element, "map-label"), "text-halo-color": paint(view.element, "map-halo"), "text-halo-width": 1.5 },
});

const clusters = ({ id, colour, halo, view }) => [
  { id: `${id}-many`, type: "circle", filter: ["has", "point_count"], paint: { "circle-color": colour, "circle-opacity": 0.88, "circle-stroke-color": ["case", [">", ["coalesce", ["get", "failed"], 0], 0], paint(view.element, "bad"), halo], "circle-stroke-width": 2.5, "circle-radius": ["step", ["get", "point_count"], 11, 10, 14, 50, 18, 200, 23] } },
  { id: `${id}-count`, type: "symbol", filter: ["has", "point_count"], layout: { "text-field": ["get", "point_count_abbreviated"], "text-font": ["Atkinson Hyperlegible Next"], "text-size": 12, "text-allow-overlap": true, "text-ignore-placement": true }, paint: { "text-color": halo } },
];

/** What does not work says so by a mark of its own at every zoom; what is silent or out of service steps back. */
const alarmed = ({ id, view, map }) => {
  picture(map, "mark-bad", "mark", paint(view.element, "bad"), paint(view.element, "map-halo"));
  return { id: `${id}-mark`, type: "symbol", filter: ["in", ["get", "state"], ["literal", ["failed", "contradicted"]]],
    layout: { "icon-image": "mark-bad", "icon-size": grow(0.6, 0.9), "icon-offset": [10, -10], "icon-allow-overlap": true, "icon-ignore-placement": true } };
};
const steppedBack = ["case", ["any", ["==", ["get", "stale"], true], ["==", ["get", "state"], "off"]], 0.45, 1];

const grow = (small, large) => ["interpolate", ["linear"], ["zoom"], 10, small, 16, large];

const DRAW = {
  circle: (it) => [
    ring(it, 13),
    { id: it.id, type: "circle", filter: noCluster, paint: { "circle-radius": grow(1.4, 6.5), "circle-color": it.halo, "circle-stroke-color": it.colour, "circle-stroke-width": grow(1.1, 3), "circle-opacity": steppedBack, "circle-stroke-opacity": steppedBack } },
    ...(it.crowded ? clusters(it) : []),
    alarmed(it),
    name(it, 0.9, 14.5),
  ],
  square: (it) => {
    picture(it.map, `square-${it.layer.hue}`, "square", it.colour, it.halo);
    return [
      ring(it, 14),
      { id: it.id, type: "symbol", filter: noCluster, layout: { "icon-image": `square-${it.layer.hue}`, "icon-size": grow(0.5, 0.9), "icon-allow-overlap": true }, paint: { "icon-opacity": steppedBack } },
      ...(it.crowded ? clusters(it) : []),
      alarmed(it),
      name(it, 1, 14),
    ];
  },
  arrow: (it) => {
    picture(it.map, `arrow-${it.layer.hue}`, "arrow", it.colour, it.halo);
    picture(it.map, `rest-${it.layer.hue}`, "rest", it.colour, it.halo);
    return [
      ring(it, 19),
      { id: it.id, type: "symbol",
        layout: {
          "icon-image": ["case", ["==", ["get", "resting"], true], `rest-${it.layer.hue}`, `arrow-${it.layer.hue}`],
          "icon-rotate": ["coalesce", ["get", "heading"], 0], "icon-rotation-alignment": "map", "icon-size": grow(0.62, 1),
          "icon-allow-overlap": true, "icon-ignore-placement": true,
        },
        paint: { "icon-opacity": steppedBack } },
      name(it, 1.5, 12.5),
    ];
  },
  line: (it) => [
    { id: `${it.id}-casing`, type: "line", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": it.halo, "line-width": grow(4, 9) } },
    { id: it.id, type: "line", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": it.colour, "line-width": grow(2.2, 5.5) } },
  ],
  area: (it) => [
    { id: it.id, type: "fill", paint: { "fill-color": it.colour, "fill-opacity": 0.12 } },
    { id: `${it.id}-edge`, type: "line", paint: { "line-color": it.colour, "line-width": 1.8, "line-dasharray": [3, 2] } },
  ],
};

/** Show or hide a layer from the legend. */
export function toggleLayer(view, layer, shown) {
  layer.visible = shown;
  for (const id of layer.parts ?? []) view.map.setLayoutProperty(id, "visibility", shown ? "visible" : "none");
}
