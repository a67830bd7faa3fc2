// Subscribes this browser to notifications: fills the form that the page already has, and sends it.

const form = document.querySelector("[data-push]");
const words = document.querySelector("[data-push-words]");

const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
if (form && able) form.hidden = false;

/** base64url of a key that the browser gives as bytes. */
function text(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** « Firefox sur Android »: enough for a person to tell their devices apart. */
function named() {
  const agent = navigator.userAgent;
  const browser = ["Firefox", "Edg", "OPR", "Chrome", "Safari"].find((name) => agent.includes(name)) ?? "";
  const system = ["Android", "iPhone", "iPad", "Windows", "Macintosh", "Linux"].find((name) => agent.includes(name)) ?? "";
  return [browser.replace("Edg", "Edge").replace("OPR", "Opera"), system.replace("Macintosh", "Mac")].filter(Boolean).join(" · ");
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    if (await Notification.requestPermission() !== "granted") { words.textContent = form.dataset.refused; return; }
    const registration = await ready(form.dataset.worker);
    const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: form.dataset.key });
    form.elements.endpoint.value = made.endpoint;
    form.elements.p256dh.value = text(made.getKey("p256dh"));
    form.elements.auth.value = text(made.getKey("auth"));
    form.elements.label.value = named();
    form.submit();
  } catch {
    words.textContent = form.dataset.failed;
  }
});

/** The registration of the worker, once it runs; its scope is the folder of the script, so `ready` never resolves. */
async function ready(script) {
  const registration = await navigator.serviceWorker.register(script);
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  if (worker.state !== "activated") {
    await new Promise((resolve) => worker.addEventListener("statechange", () => { if (worker.state === "activated") resolve(); }));
  }
  return registration;
}
