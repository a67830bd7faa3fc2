// The map: MapLibre with our own style, controls and legend. Everything it shows is declared by data attributes of
// its element (template tag {% map_view %}), so that no page writes a script.
//
// Events on the element: `map:ready` {map}, `map:click` {lon, lat}, `map:select` {layer, properties}.
// A feature with a `panel` property loads that address in #panel; one with `url` opens it.

import { follow } from "./live.js";
import { addLayers, toggleLayer } from "./map-layers.js";
import { Motion } from "./map-motion.js";
import { drawLegend } from "./map-legend.js";

const ROOM = { top: 32, right: 64, bottom: 56, left: 32 }; // for the buttons on the right, the words and scale below
const FONT = "Atkinson Hyperlegible Next";
const REACHED = 0.35; // share of a map in view from which somebody is taken to look at it
const reduced = matchMedia("(prefers-reduced-motion: reduce)");
const narrow = matchMedia("(max-width: 48rem)");
let library = null;

async function load(element) {
  if (!library) {
    if (!document.querySelector("link[data-maplibre]")) {
      const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: element.dataset.css });
      link.dataset.maplibre = "";
      document.head.prepend(link); // before ours, which dresses it
    }
    library = (async () => {
      const [maplibre] = await Promise.all([import("maplibre-gl"), document.fonts.load(`400 24px "${FONT}"`, "é")]);
      maplibre.setWorkerUrl(new URL(element.dataset.worker, location.href).href);
      return maplibre;
    })();
  }
  return library;
}

export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

const read = (element, name) => (element.dataset[name] ? JSON.parse(element.dataset[name]) : null);

/** Make a map of an element; resolves once it is drawn. */
export async function createMap(element) {
  const maplibre = await load(element);
  const layers = (read(element, "layers") ?? []).map((layer) => ({ ...layer }));
  const bounds = read(element, "bounds");
  const styleUrl = () => element.dataset[isDark() ? "styleDark" : "styleLight"];
  const map = new maplibre.Map({
    container: element.querySelector(".canvas"),
    style: styleUrl(),
    ...(bounds?.length === 4 ? { bounds, fitBoundsOptions: { padding: ROOM } } : {}),
    ...(element.dataset.center ? { center: read(element, "center"), zoom: Number(element.dataset.zoom ?? 13) } : {}),
    minZoom: 7, maxZoom: 19.5, dragRotate: false, pitchWithRotate: false, attributionControl: false,
    fadeDuration: reduced.matches ? 0 : 200,
    transformRequest: (url) => ({ url: new URL(url, location.href).href }),
    locale: {
      "NavigationControl.ZoomIn": element.dataset.wordsZoomIn, "NavigationControl.ZoomOut": element.dataset.wordsZoomOut,
      "GeolocateControl.FindMyLocation": element.dataset.wordsLocate, "Map.Title": element.dataset.label, "Marker.Title": element.dataset.wordsPin,
    },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibre.AttributionControl({ compact: false }), "bottom-right");
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  if (bounds?.length === 4) map.addControl(new HomeControl(bounds, element.dataset.wordsHome), "top-right");
  if (navigator.geolocation && isSecureContext) {
    map.addControl(new maplibre.GeolocateControl({ trackUserLocation: true }), "top-right");
    // it names its button only once it knows that it may ask where one is
    element.querySelector(".maplibregl-ctrl-geolocate")?.setAttribute("aria-label", element.dataset.wordsLocate);
  }
  map.addControl(new maplibre.ScaleControl({ maxWidth: 90 }), "bottom-right");

  const view = { element, map, maplibre, layers, motions: new Map(), selected: null, data: new Map() };
  map.on("style.load", () => addLayers(view));
  document.addEventListener("theme:changed", () => map.setStyle(styleUrl(), { diff: false }));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => map.setStyle(styleUrl(), { diff: false }));

  listen(view);
  pick(view);
  pin(view);
  drawLegend(view, (layer, shown) => toggleLayer(view, layer, shown));
  if (narrow.matches) element.querySelector(".key")?.removeAttribute("open");
  new ResizeObserver(() => map.resize()).observe(element);
  await map.once("load");
  view.drawn = true;
  for (const layer of layers) {
    if (layer.channel) showMoving(view, layer);
    else if (layer.missed && layer.refresh) { layer.missed = false; layer.refresh(); }
  }
  element.dataset.ready = "";
  element.dispatchEvent(new CustomEvent("map:ready", { detail: { map, view }, bubbles: true }));
  return view;
}

/** Show a moving layer where it is now; not before the first drawing, which every change would put off on a slow machine. */
function showMoving(view, layer) {
  const features = view.data.get(layer.key);
  if (!view.drawn || !features) return;
  view.map.getSource(`layer-${layer.key}`)?.setData(features);
  keepInView(view, features);
}

/** Moving layers follow their channel; still ones are read again when an event of their topic comes. */
function listen(view) {
  const { layers, element } = view;
  follow(layers.map((layer) => layer.token));
  const moving = layers.filter((layer) => layer.channel);
  if (moving.length) element.dataset.moves = "";
  for (const layer of moving) {
    view.motions.set(layer.key, new Motion((features) => {
      view.data.set(layer.key, features);
      showMoving(view, layer);
    }, reduced.matches));
  }
  document.addEventListener("live:latest", ({ detail }) => {
    for (const layer of moving) if (layer.channel === detail.channel) view.motions.get(layer.key).update(detail.values);
  });
  document.addEventListener("live:journal", ({ detail }) => {
    for (const layer of layers) {
      if (layer.channel || !layer.topic || !detail.kind.startsWith(layer.topic.replace(/^kind:/, ""))) continue;
      if (view.drawn && layer.refresh) layer.refresh();
      else layer.missed = true; // while a map is first drawn, each change would put that off: on a slow machine, for ever
    }
  });
}

/** Keep the followed object inside the middle of the view, without ever fighting a hand on the map. */
function keepInView(view, features) {
  const key = view.element.dataset.follow;
  if (!key || view.map.isMoving()) return;
  const found = features.features.find((feature) => feature.properties.id === key);
  if (!found) return;
  const { x, y } = view.map.project(found.geometry.coordinates);
  const { clientWidth: width, clientHeight: height } = view.map.getContainer();
  if (x < width * 0.2 || x > width * 0.8 || y < height * 0.2 || y > height * 0.8) {
    view.map.easeTo({ center: found.geometry.coordinates, duration: reduced.matches ? 0 : 900 });
  }
}

/** Pointing and choosing. */
function pick(view) {
  const { map, element } = view;
  const near = (point) => {
    const around = [[point.x - 6, point.y - 6], [point.x + 6, point.y + 6]];
    const ids = view.layers.flatMap((layer) => layer.touch ?? []).filter((id) => map.getLayer(id));
    return ids.length ? map.queryRenderedFeatures(around, { layers: ids })[0] : null;
  };
  const popup = new view.maplibre.Popup({ closeButton: false, closeOnClick: false, offset: 14, className: "tip" });
  map.on("mousemove", (event) => {
    const hit = near(event.point);
    map.getCanvas().style.cursor = hit ? "pointer" : "";
    const text = hit?.properties.label;
    if (text) popup.setLngLat(hit.geometry.type === "Point" ? hit.geometry.coordinates : event.lngLat).setText(text).addTo(map);
    else popup.remove();
  });
  map.on("mouseout", () => popup.remove());
  map.on("click", (event) => {
    const hit = near(event.point);
    if (hit?.properties.cluster) { zoomInto(map, hit); return; }
    if (hit) { select(view, hit); return; }
    element.dispatchEvent(new CustomEvent("map:click", { detail: { lon: event.lngLat.lng, lat: event.lngLat.lat }, bubbles: true }));
  });
  document.addEventListener("panel:closed", () => { view.selected = null; addSelection(view); });
}

async function zoomInto(map, hit) {
  const source = map.getSource(hit.source);
  const zoom = source.getClusterExpansionZoom ? await source.getClusterExpansionZoom(hit.properties.cluster_id) : map.getZoom() + 1.5;
  map.easeTo({ center: hit.geometry.coordinates, zoom: zoom + 0.5 });
}

function select(view, hit) {
  view.selected = { layer: hit.source.replace(/^layer-/, ""), id: hit.properties.id };
  addSelection(view);
  view.element.dispatchEvent(new CustomEvent("map:select", { detail: { layer: view.selected.layer, properties: hit.properties }, bubbles: true }));
  if (hit.properties.panel && window.htmx) window.htmx.ajax("GET", hit.properties.panel, { target: "#panel", swap: "innerHTML" });
  else if (hit.properties.url) location.assign(hit.properties.url);
}

function addSelection(view) {
  for (const layer of view.layers) {
    const ring = `ring-${layer.key}`;
    if (view.map.getLayer(ring)) view.map.setFilter(ring, ["==", ["get", "id"], view.selected?.layer === layer.key ? view.selected.id : "\u0000"]);
  }
}

class HomeControl {
  constructor(bounds, words) { this.bounds = bounds; this.words = words; }
  onAdd(map) {
    this.box = document.createElement("div");
    this.box.className = "maplibregl-ctrl maplibregl-ctrl-group";
    const button = document.createElement("button");
    button.type = "button";
    button.title = this.words;
    button.setAttribute("aria-label", this.words);
    button.innerHTML = '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M4 9V5a1 1 0 0 1 1-1h4M15 4h4a1 1 0 0 1 1 1v4M20 15v4a1 1 0 0 1-1 1h-4M9 20H5a1 1 0 0 1-1-1v-4"/></svg>';
    button.addEventListener("click", () => map.fitBounds(this.bounds, { padding: ROOM }));
    this.box.append(button);
    return this.box;
  }
  onRemove() { this.box.remove(); }
}

function start(element) {
  return createMap(element).catch((error) => {
    element.querySelector(".waiting").textContent = document.documentElement.lang === "fr"
      ? "La carte ne peut pas s'afficher sur cet appareil : la liste dit la même chose."
      : "The map cannot be shown on this device: the list says the same.";
    console.error(error);
  });
}

/** Keep a map behind its drawing until it is asked for: half a megabyte and a second of work on a small phone. */
function keepWaiting(element) {
  const button = element.querySelector(".start");
  element.dataset.waits = "";
  button.hidden = false;
  button.addEventListener("click", async () => {
    delete element.dataset.waits;
    button.remove();
    (await start(element))?.map.getCanvas().focus();
  }, { once: true });
}

/** Start a map of a phone's page when it is scrolled to: half a megabyte less for whoever reads what stands above it. */
function whenReached(element) {
  element.dataset.waits = "";
  new IntersectionObserver(([seen], watch) => {
    if (!seen.isIntersecting) return;
    watch.disconnect();
    delete element.dataset.waits;
    start(element);
  }, { threshold: REACHED }).observe(element);
}

/** On a map made to show a place: a pin where it is touched. */
function pin(view) {
  const { element, map, maplibre } = view;
  if (!("pins" in element.dataset)) return;
  const marker = new maplibre.Marker({ color: getComputedStyle(element).getPropertyValue("--accent").trim() });
  const put = (place) => marker.setLngLat(place).addTo(map);
  if (element.dataset.center) put(read(element, "center"));
  element.addEventListener("map:click", ({ detail: { lon, lat } }) => put([lon, lat]));
}

for (const element of document.querySelectorAll("[data-map]")) {
  const fold = element.closest("details");
  if (fold && !fold.open) fold.addEventListener("toggle", () => start(element), { once: true });
  else if ("askedFor" in element.dataset && narrow.matches && element.querySelector(".start")) keepWaiting(element);
  else if (narrow.matches && !fold && element.classList.contains("framed")) whenReached(element);
  else start(element);
}
