// One stream per browser. The tab that holds the lock opens the EventSource for the topics of every tab and hands
// what arrives to the others; when it closes, another takes over where it stopped (nothing of the journal is lost).
//
// An element says what it follows: data-live="kind:transport." data-live-token="…" (template tag {% live %}).
// It receives the events `live` (a journal event) or `latest` ({channel, values}); `htmx` may trigger on them.
// The document receives `live:latest` for every channel, and `live:clock` when the service's clock was moved. Silence for 15 s marks the element with .is-stale.

const SILENCE = 15000;
const TOLD = ["journal", "latest", "beat", "clock"];
const me = crypto.randomUUID?.() ?? String(Math.random());
const state = { wanted: new Map(), heard: performance.now(), told: new Set() };
const leader = { source: null, tabs: new Map(), last: 0, open: "", kept: new Map(), beats: false };
let channel = null;

/** The topic of a signed token: what stands before its date and signature. */
const topicOf = (token) => token.split(":").slice(0, -2).join(":");

function carries(topic, event) {
  const [name, rest] = [topic.split(":", 1)[0], topic.slice(topic.indexOf(":") + 1)];
  if (name === "journal") return true;
  if (name === "kind") return event.kind.startsWith(rest);
  return name === "subject" && rest !== "" && (event.subject === rest || (event.payload?.concerns ?? []).includes(rest));
}

const paces = new WeakMap(); // when each element was last told, and whether it will be again

function followers() {
  return [...document.querySelectorAll("[data-live]")];
}

/** Tell an element at once, then at most as often as its trigger asks, and always the last word: htmx forgets what comes
    within its throttle, and a page that asked while something was under way would never learn how it ended. */
function tell(element, detail) {
  const pace = 1000 * Number(/\blive throttle:(\d+)s/.exec(element.getAttribute("hx-trigger") ?? "")?.[1] ?? 0);
  const said = paces.get(element);
  if (said?.waits) return;
  const left = said && pace ? said.at + pace + 100 - performance.now() : 0; // a little more than htmx counts
  if (left > 0) {
    said.waits = true;
    setTimeout(() => {
      paces.delete(element);
      const there = element.isConnected ? element : element.id && document.getElementById(element.id);
      if (there) tell(there, detail);
    }, left);
    return;
  }
  paces.set(element, { at: performance.now(), waits: false });
  element.dispatchEvent(new CustomEvent("live", { detail }));
}

/** Hand one message of the stream to the page's elements. */
function deliver(message) {
  state.heard = performance.now();
  if (message.type === "journal") {
    if (state.told.has(message.data.seq)) return; // told again for the sake of a page that was on its way
    state.told.add(message.data.seq);
    if (state.told.size > 5000) state.told = new Set([...state.told].slice(-2500));
    for (const element of followers()) {
      if (carries(element.dataset.live, message.data)) tell(element, message.data);
    }
    document.dispatchEvent(new CustomEvent("live:journal", { detail: message.data }));
  } else if (message.type === "latest") {
    for (const element of followers()) {
      if (element.dataset.live === `latest:${message.data.channel}`) element.dispatchEvent(new CustomEvent("latest", { detail: message.data }));
    }
    document.dispatchEvent(new CustomEvent("live:latest", { detail: message.data }));
  } else if (message.type === "clock") document.dispatchEvent(new CustomEvent("live:clock", { detail: message.data }));
  freshen();
}

/** Grey out what no longer hears anything, and say since when. */
function freshen() {
  const silent = performance.now() - state.heard > SILENCE;
  for (const element of document.querySelectorAll("[data-live], .map[data-moves]")) {
    element.classList.toggle("is-stale", silent);
    const words = element.querySelector("[data-stale-words]");
    if (silent && words) {
      const seconds = Math.round((performance.now() - state.heard) / 1000);
      const since = seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
      words.textContent = document.documentElement.lang === "fr" ? `sans nouvelles depuis ${since}` : `no news for ${since}`;
    }
  }
}

function say(message) {
  channel?.postMessage(message);
}

/** Leader: remember and spread a message that came from the server. */
function spread(type, raw) {
  const data = raw ? JSON.parse(raw) : null;
  if (type === "journal") leader.last = Math.max(leader.last, data.seq);
  if (type === "latest") {
    const kept = leader.kept.get(data.channel) ?? {};
    for (const [key, value] of Object.entries(data.values)) {
      if (value === null) delete kept[key];
      else kept[key] = value;
    }
    leader.kept.set(data.channel, kept);
  }
  deliver({ type, data });
  say({ type, data });
}

/** Leader: open the stream for what all tabs want, once per change. */
function reopen() {
  const wanted = new Map([...leader.tabs.values()].flat().map((token) => [topicOf(token), token]));
  const topics = [...wanted.keys()].sort().join(" ");
  if (!wanted.size || (topics === leader.open && leader.source?.readyState !== EventSource.CLOSED)) return;
  leader.source?.close();
  leader.open = topics;
  const after = leader.last ? `&after=${leader.last}` : "";
  leader.source = new EventSource(`/stream/?topics=${encodeURIComponent([...wanted.values()].join(","))}${after}`);
  for (const type of TOLD) {
    leader.source.addEventListener(type, (event) => {
      if (type === "beat") leader.beats = true;
      spread(type, event.data);
    });
  }
  leader.source.addEventListener("open", () => spread("beat", ""));
  leader.source.addEventListener("error", () => {
    if (leader.source?.readyState === EventSource.CLOSED) setTimeout(reopen, 5000);
  });
}

function lead() {
  leader.tabs.set(me, [...state.wanted.values()]);
  say({ type: "who" });
  reopen();
  setInterval(() => { // a server whose heartbeats are only comments: an open connection is the best news there is
    if (!leader.beats && leader.source?.readyState === EventSource.OPEN) spread("beat", "");
  }, 5000);
  return new Promise(() => {}); // the lock is held until the tab closes
}

function receive({ data: message }) {
  if (message.type === "want" && isLeader) {
    leader.tabs.set(message.tab, message.tokens);
    reopen();
    for (const [name, values] of leader.kept) say({ type: "latest", data: { channel: name, values } });
  } else if (message.type === "bye" && isLeader) leader.tabs.delete(message.tab);
  else if (message.type === "who") say({ type: "want", tab: me, tokens: [...state.wanted.values()] });
  else if (TOLD.includes(message.type)) {
    if (message.type === "journal") leader.last = Math.max(leader.last, message.data.seq);
    deliver(message);
  }
}
let isLeader = false;

/** Follow these tokens too (the map's layers, a fragment that has just arrived). */
export function follow(tokens) {
  const before = state.wanted.size;
  for (const token of tokens) if (token) state.wanted.set(topicOf(token), token); // the newest of a topic, the stream stays
  if (state.wanted.size === before) return;
  if (isLeader) { leader.tabs.set(me, [...state.wanted.values()]); reopen(); } else if (before) say({ type: "want", tab: me, tokens: [...state.wanted.values()] });
  else join();
}

function join() {
  const start = () => { isLeader = true; return lead(); };
  setInterval(freshen, 2000);
  if (!("locks" in navigator) || !("BroadcastChannel" in window)) { start(); return; }
  channel ??= new BroadcastChannel("ressort-live");
  channel.onmessage = receive;
  say({ type: "want", tab: me, tokens: [...state.wanted.values()] });
  navigator.locks.request("ressort-live", start);
  addEventListener("pagehide", () => say({ type: "bye", tab: me }));
}

/** Follow what the page's elements ask for, now and after each htmx swap. */
export function startLive() {
  const gather = () => follow(followers().map((element) => element.dataset.liveToken));
  gather();
  document.addEventListener("htmx:afterSettle", gather);
}
