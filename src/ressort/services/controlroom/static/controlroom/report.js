// Reporting on a phone: where I stand, a photo made small before it leaves. Without this script the address is typed and
// the photo goes as it is.

import { placeAt } from "../web/places.js";

const SIDE = 1600;

function fill(form, place) {
  form.elements.where.value = place.label;
  form.elements.where_id.value = "";
  form.elements.where_lon.value = place.lon;
  form.elements.where_lat.value = place.lat;
}

for (const button of document.querySelectorAll("[data-locate]")) {
  if (!navigator.geolocation || !isSecureContext) continue;
  const says = button.parentElement.querySelector("[data-locate-says]");
  button.hidden = false;
  button.addEventListener("click", () => {
    says.textContent = button.dataset.busy;
    navigator.geolocation.getCurrentPosition(
      async ({ coords: { longitude, latitude } }) => {
        const place = await placeAt(longitude, latitude);
        fill(button.form, place);
        says.textContent = place.label;
      },
      () => { says.textContent = button.dataset.denied; },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 },
    );
  });
}

/** Return a photo drawn again small, or the same file where the browser cannot. */
async function small(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.85); });
    return blob && blob.size < file.size ? new File([blob], "photo.jpg", { type: "image/jpeg" }) : file;
  } catch {
    return file;
  }
}

for (const field of document.querySelectorAll("[data-photo]")) {
  const input = field.querySelector("input[type=file]");
  const preview = document.createElement("img");
  preview.className = "report-photo";
  preview.alt = "";
  preview.hidden = true;
  field.append(preview);
  input.addEventListener("change", async () => {
    if (preview.src) URL.revokeObjectURL(preview.src);
    const file = input.files[0];
    preview.hidden = !file;
    if (!file) return;
    const light = await small(file);
    if (light !== file) {
      const files = new DataTransfer();
      files.items.add(light);
      input.files = files.files;
    }
    preview.src = URL.createObjectURL(light);
  });
}
