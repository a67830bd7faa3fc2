// Smooth movement between lossy position updates: each object glides from where it is shown to where it was last
// seen, in the time that updates have lately taken. Nothing is guessed beyond the last position known.

const FRAME = 1000 / 24; // the eye asks no more, and the source is sent to a worker at each frame
const JUMP = 1000; // without animation: positions of one second are shown together, whatever their number
const SLOW = 120; // ms between frames, as a mean: a machine that draws no faster is asked for one drawing a second
const LONGEST = 6000; // ms: after a longer silence an object jumps rather than crawls

function turn(from, to, share) {
  const gap = ((to - from + 540) % 360) - 180;
  return (from + gap * share + 360) % 360;
}

function bearing([lon1, lat1], [lon2, lat2]) {
  const dx = (lon2 - lon1) * Math.cos((lat1 * Math.PI) / 180);
  const dy = lat2 - lat1;
  return Math.abs(dx) + Math.abs(dy) < 1e-6 ? null : ((Math.atan2(dx, dy) * 180) / Math.PI + 360) % 360;
}

export class Motion {
  /** @param {(features: object) => void} show receives a FeatureCollection; `still` = no animation. */
  constructor(show, still) {
    this.show = show;
    this.still = still;
    this.objects = new Map();
    this.drawn = 0;
    this.running = false;
    this.lag = 0;
  }

  /** Take the first positions from a GeoJSON document. */
  start(data) {
    for (const feature of data.features ?? []) {
      if (feature.geometry?.type !== "Point" || this.objects.has(feature.properties.id)) continue;
      const [lon, lat] = feature.geometry.coordinates;
      this.update({ [feature.properties.id]: { ...feature.properties, lon, lat } });
    }
    this.draw(performance.now());
  }

  /** Take the newest values of some keys; null takes an object away. */
  update(values) {
    const now = performance.now();
    for (const [id, value] of Object.entries(values)) {
      if (value === null) { this.objects.delete(id); continue; }
      const there = [value.lon, value.lat];
      if (!there.every(Number.isFinite)) continue;
      const known = this.objects.get(id);
      if (!known) {
        this.objects.set(id, { from: there, to: there, since: now, last: now, span: 1000, turnFrom: value.heading ?? 0, turnTo: value.heading ?? 0, value });
        continue;
      }
      const gap = now - known.last;
      const shown = this.place(known, now);
      known.span = gap > LONGEST ? 0 : Math.min(LONGEST, 0.6 * known.span + 0.5 * gap); // a little longer than the gap: never waits
      known.turnFrom = shown.heading;
      known.turnTo = value.heading ?? bearing(known.to, there) ?? known.turnTo;
      known.from = shown.at;
      known.to = there;
      known.since = known.last = now;
      known.value = value;
    }
    this.run();
  }

  place(object, now) {
    const share = this.still || !object.span ? 1 : Math.min(1, (now - object.since) / object.span);
    return {
      at: object.from.map((from, i) => from + (object.to[i] - from) * share),
      heading: turn(object.turnFrom, object.turnTo, Math.min(1, share * 2.5)),
      arrived: share >= 1,
    };
  }

  run() {
    if (this.running) return;
    this.running = true;
    if (this.still) {
      setTimeout(() => { this.running = false; this.draw(performance.now()); }, JUMP - (performance.now() % JUMP)); // with the other layers
      return;
    }
    let before = 0;
    const frame = (now) => {
      let moving = true;
      if (before) this.lag += 0.1 * (Math.min(now - before, 1000) - this.lag); // a tab that slept is not slow
      before = now;
      this.still ||= this.lag > SLOW;
      if (now - this.drawn >= FRAME) moving = this.draw(now);
      if (moving) requestAnimationFrame(frame);
      else this.running = false;
    };
    requestAnimationFrame(frame);
  }

  draw(now) {
    this.drawn = now;
    let moving = false;
    const features = [...this.objects].map(([id, object]) => {
      const { at, heading, arrived } = this.place(object, now);
      moving ||= !arrived;
      const { lon, lat, ...properties } = object.value;
      return { type: "Feature", geometry: { type: "Point", coordinates: at }, properties: { ...properties, id, heading } };
    });
    this.show({ type: "FeatureCollection", features });
    return moving;
  }
}
