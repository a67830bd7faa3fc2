// Keeps the driver's page, its scripts and the map around, so that it opens without network. Nothing is ever written here.
const CACHE = "ressort-tour-{{ version }}";
const HOME = "{% url "transport:driver" %}";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("ressort-tour-") && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
})()));

/** The page tells what it is made of: what it loaded before this worker stood beside it. */
self.addEventListener("message", ({ data, ports }) => {
  if (!data?.keep) return;
  (async () => {
    const cache = await caches.open(CACHE);
    await Promise.allSettled(data.keep.map(async (url) => { if (!(await cache.match(url))) await cache.add(url); }));
    ports[0]?.postMessage("kept");
  })();
});

async function kept(request) {
  const cache = await caches.open(CACHE);
  const found = await cache.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) cache.put(request, answer.clone());
  return answer;
}

async function fresh(request) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) cache.put(request, answer.clone());
    return answer;
  } catch (error) {
    const found = await cache.match(request);
    if (found || request.mode !== "navigate") return found ?? Response.error();
    const pages = (await cache.keys()).filter(({ url }) => /\/\d+\/$/.test(new URL(url).pathname));
    return pages.length ? cache.match(pages.at(-1)) : Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || request.headers.has("HX-Request")) return;
  if (/^\/(static|tiles)\//.test(url.pathname)) event.respondWith(kept(request));
  else if (url.pathname.startsWith("/map/") || url.pathname.startsWith(HOME)) event.respondWith(fresh(request));
});
