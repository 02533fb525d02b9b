// Shared by the viewers: small vectors, patient directions, page elements.
const Space = (() => {
  "use strict";
  const add = (a, b, s = 1) => [a[0] + s * b[0], a[1] + s * b[1], a[2] + s * b[2]];
  const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const unit = (a) => { const n = Math.hypot(...a) || 1; return [a[0] / n, a[1] / n, a[2] / n]; };

  // Letters of the patient side that an LPS direction points to, largest component first.
  const letters = (v) => {
    const d = unit(v), pairs = ["RL", "AP", "FH"];
    return [0, 1, 2].sort((i, j) => Math.abs(d[j]) - Math.abs(d[i]))
      .filter((i, k) => k === 0 || Math.abs(d[i]) >= 0.3).map((i) => pairs[i][d[i] > 0 ? 1 : 0]).join("");
  };

  const element = (tag, values = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(values)) {
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (key in node && key !== "list") node[key] = value;
      else node.setAttribute(key, value);
    }
    node.append(...children);
    return node;
  };

  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const values = (stage) => JSON.parse(document.getElementById(stage.dataset.values).textContent);

  // Start a viewer when it comes near the window; keep the still picture if it cannot start.
  const whenNear = (selector, start) => {
    const waiting = new Set(document.querySelectorAll(selector));
    const check = () => {
      for (const stage of waiting) {
        const box = stage.getBoundingClientRect();
        if (!box.width || box.top > innerHeight + 600 || box.bottom < -600) continue;
        waiting.delete(stage);
        Promise.resolve().then(() => start(stage)).catch((error) => console.warn("viewer not started:", error.message));
      }
    };
    for (const name of ["load", "scroll", "resize"]) addEventListener(name, check, { passive: true });
    document.addEventListener("toggle", check, true);
  };
  return { add, dot, cross, unit, letters, element, bytes, values, whenNear };
})();
