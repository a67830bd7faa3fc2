// The wall stays awake, and fills the screen when asked to.

const button = document.querySelector("[data-fullscreen]");

if (document.fullscreenEnabled) {
  button.hidden = false;
  button.addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));
  document.addEventListener("fullscreenchange", () => { button.hidden = Boolean(document.fullscreenElement); });
}

async function stayAwake() {
  if (!navigator.wakeLock || document.visibilityState !== "visible") return;
  try {
    await navigator.wakeLock.request("screen");
  } catch (error) {
    if (error.name !== "NotAllowedError") throw error; // a battery that is low: the screen may sleep
  }
}

document.addEventListener("visibilitychange", stayAwake);
stayAwake();
