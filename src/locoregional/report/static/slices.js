// The slice viewer: axial, coronal, sagittal and the plane of the needle, radiological convention.
(() => {
  "use strict";
  const { add, dot, cross, unit, letters, element, values, whenNear } = Space;
  const WINDOWS = { "Soft tissue": [40, 400], Liver: [80, 220], Lung: [-600, 1500], Bone: [400, 1800] };
  const NEEDLE = "#56c8f5";
  const mm = (v, digits = 0) => v.toFixed(digits).replace("-", "\u2212");

  const start = async (stage) => {
    const data = values(stage);
    const image = await Voxels.unpack(data);
    image.values = Int16Array.from(image.codes, (c) => Math.round(data.table[c]));
    const layers = await Promise.all(data.layers.map(async (l) => ({ ...l, ...(await Voxels.unpack(l)) })));
    const box = [0, 1, 2].map((k) => [data.origin[k], data.origin[k] + data.spacing[k] * (data.shape[2 - k] - 1)]);
    const wide = Math.max(...box.map(([a, b]) => b - a));
    const limits = data.ct ? WINDOWS : { Whole: [(data.table[0] + data.table[255]) / 2, data.table[255] - data.table[0]] };
    const state = { at: [...data.target], window: data.window in limits ? data.window : Object.keys(limits)[0], zoom: 1, roll: 0, cross: true };
    const several = data.needles.length > 1, mean = data.needles.reduce((sum, n) => add(sum, unit(add(n.tip, n.entry, -1))), [0, 0, 0]);
    let needle = data.needles[0], overAll = false;
    const readout = element("p", { className: "readout", "aria-live": "polite" });

    const standard = {
      Axial: { right: [1, 0, 0], down: [0, 1, 0], axis: 2 }, Coronal: { right: [1, 0, 0], down: [0, 0, -1], axis: 1 }, Sagittal: { right: [0, 1, 0], down: [0, 0, -1], axis: 0 },
    };
    const needlePlane = () => {
      if (overAll) {  // seen from the skin
        const d = unit(mean), low = Math.abs(d[2]) < 0.8 ? [0, 0, -1] : [0, 1, 0], down = unit(add(low, d, -dot(low, d)));
        return { right: cross(down, d), down };
      }
      const d = unit(add(needle.tip, needle.entry, -1)), toward = Math.abs(d[2]) < 0.866 ? [0, 0, 1] : [0, 1, 0];
      const first = unit(add(toward, d, -dot(toward, d))), second = cross(d, first), r = (state.roll * Math.PI) / 180;
      const normal = add(first.map((v) => v * Math.cos(r)), second, Math.sin(r));
      const across = Math.abs(normal[0]) < 0.9 ? [1, 0, 0] : [0, 1, 0];
      const right = unit(add(across, normal, -dot(across, normal)));
      return { right, down: cross(normal, right) };
    };

    const panes = [];
    const draw = () => panes.forEach((p) => p.draw());
    const makePane = (name) => {
      const canvas = element("canvas", { tabIndex: 0, role: "img", "aria-label": `${name} view; arrow up and down change the ${name === "Needle" ? "angle" : "slice"}` });
      const oblique = name === "Needle";
      const range = oblique ? element("input", { type: "range", min: -90, max: 90, step: 1, value: 0 }) : null;
      const axis = oblique ? null : standard[name].axis;
      const slider = range || element("input", { type: "range", min: box[axis][0], max: box[axis][1], step: data.spacing[axis], value: state.at[axis] });
      const words = element("output", {});
      slider.addEventListener("input", () => { if (oblique) state.roll = Number(slider.value); else state.at[axis] = Number(slider.value); draw(); });
      const node = element("div", { className: "pane" }, canvas, element("label", {}, oblique ? "Around the needle" : name, slider, words));
      const paper = canvas.getContext("2d"), small = element("canvas", {}), ink = small.getContext("2d");
      const pane = { node };

      const frame = () => {
        const basis = oblique ? needlePlane() : standard[name], normal = cross(basis.right, basis.down);
        const through = oblique && !overAll ? needle.tip : state.at;
        let middle = state.zoom > 1 ? state.at : box.map(([a, b]) => (a + b) / 2);
        middle = add(middle, normal, dot(add(through, middle, -1), normal));
        return { ...basis, normal, middle, side: (oblique ? wide : Math.max(...[0, 1, 2].filter((k) => k !== axis).map((k) => box[k][1] - box[k][0]))) / state.zoom };
      };
      const toPlane = (f, p) => { const d = add(p, f.middle, -1); return [dot(d, f.right), dot(d, f.down), dot(d, f.normal)]; };

      const overlay = (f, layer, size, scale) => {
        const n = 150, step = f.side / n, corner = add(add(f.middle, f.right, -f.side / 2 + step / 2), f.down, -f.side / 2 + step / 2);
        const field = Voxels.sample(layer, layer.codes, corner, f.right.map((v) => v * step), f.down.map((v) => v * step), n, n, NaN, new Float32Array(n * n));
        if (layer.role === "zone") {
          const tint = [1, 3, 5].map((i) => parseInt(layer.colour.slice(i, i + 2), 16)), band = ink.createImageData(n, n);
          for (let i = 0; i < n * n; i++) if (field[i] > 12.75 && field[i] < 242.25) band.data.set([...tint, 64], 4 * i);
          small.width = small.height = n;
          ink.putImageData(band, 0, 0);
          paper.drawImage(small, 0, 0, size, size);
        }
        paper.strokeStyle = layer.colour;
        for (const level of layer.levels) {
          const main = level === 0.5, pieces = Voxels.lines(field, n, n, level * 255), k = size / n;
          paper.lineWidth = (main ? (layer.role === "organ" ? 1.2 : 1.9) : 1) * scale;
          paper.setLineDash(main ? [] : [3 * scale, 2 * scale]);
          paper.beginPath();
          for (let i = 0; i < pieces.length; i += 4) { paper.moveTo((pieces[i] + 0.5) * k, (pieces[i + 1] + 0.5) * k); paper.lineTo((pieces[i + 2] + 0.5) * k, (pieces[i + 3] + 0.5) * k); }
          paper.stroke();
        }
        paper.setLineDash([]);
      };

      const label = (text, x, y, align, base, scale, colour = "#ffe9a8", weight = 700) => {
        paper.font = `${weight} ${12 * scale}px system-ui, sans-serif`;
        paper.textAlign = align;
        paper.textBaseline = base;
        paper.lineWidth = 3 * scale;
        paper.strokeStyle = "#000a";
        paper.strokeText(text, x, y);
        paper.fillStyle = colour;
        paper.fillText(text, x, y);
      };

      pane.draw = () => {
        const scale = Math.min(2, devicePixelRatio || 1), size = Math.round(canvas.clientWidth * scale);
        if (!size) return;
        canvas.width = canvas.height = size;
        const f = frame(), n = Math.min(size, 400), step = f.side / n, [centre, width] = limits[state.window];
        const corner = add(add(f.middle, f.right, -f.side / 2 + step / 2), f.down, -f.side / 2 + step / 2);
        const grey = Voxels.sample(image, image.values, corner, f.right.map((v) => v * step), f.down.map((v) => v * step), n, n, -32768, new Float32Array(n * n));
        small.width = small.height = n;
        const pixels = ink.createImageData(n, n), quad = new Uint32Array(pixels.data.buffer);
        for (let i = 0; i < n * n; i++) {
          const g = grey[i] === -32768 ? 6 : Math.max(0, Math.min(255, ((grey[i] - centre) / width + 0.5) * 255)) | 0;
          quad[i] = 0xff000000 | (g << 16) | (g << 8) | g;
        }
        ink.putImageData(pixels, 0, 0);
        paper.imageSmoothingQuality = "high";
        paper.drawImage(small, 0, 0, size, size);
        for (const layer of layers) if (layer.shown) overlay(f, layer, size, scale);
        const k = size / f.side, px = (q) => [(q[0] + f.side / 2) * k, (q[1] + f.side / 2) * k];
        for (const one of data.needles) {
          const a = toPlane(f, one.entry), b = toPlane(f, one.tip), [ax, ay] = px(a), [bx, by] = px(b), inside = Math.max(Math.abs(a[2]), Math.abs(b[2])) < 2;
          for (const [colour, w] of [["#0008", 4], [NEEDLE, 2]]) {
            paper.strokeStyle = colour; paper.lineWidth = w * scale; paper.setLineDash(inside || w > 2 ? [] : [7 * scale, 4 * scale]);
            paper.beginPath(); paper.moveTo(ax, ay); paper.lineTo(bx, by); paper.stroke(); paper.setLineDash([]);
            paper.beginPath(); paper.arc(ax, ay, 5 * scale, 0, 7); paper.stroke();
          }
          paper.fillStyle = NEEDLE;
          paper.beginPath(); paper.arc(bx, by, 3 * scale, 0, 7); paper.fill();
          if (several) label(one.name, bx + 6 * scale, by - 4 * scale, "left", "bottom", scale, NEEDLE);
          if (a[2] * b[2] < 0 && !inside) {
            const t = a[2] / (a[2] - b[2]), [cx, cy] = px([a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]), 0]);
            paper.fillStyle = "#fff"; paper.beginPath(); paper.arc(cx, cy, 2.6 * scale, 0, 7); paper.fill();
          }
        }
        if (state.cross) {
          const [cx, cy] = px(toPlane(f, state.at)), gap = 10 * scale;
          paper.strokeStyle = "#ffffff88"; paper.lineWidth = scale; paper.beginPath();
          for (const [x0, y0, x1, y1] of [[0, cy, cx - gap, cy], [cx + gap, cy, size, cy], [cx, 0, cx, cy - gap], [cx, cy + gap, cx, size]]) { paper.moveTo(x0, y0); paper.lineTo(x1, y1); }
          paper.stroke();
        }
        const pad = 7 * scale, minus = (v) => v.map((x) => -x);
        label(letters(minus(f.right)), pad, size / 2, "left", "middle", scale);
        label(letters(f.right), size - pad, size / 2, "right", "middle", scale);
        label(letters(minus(f.down)), size / 2, pad, "center", "top", scale);
        label(letters(f.down), size / 2, size - pad, "center", "bottom", scale);
        label(oblique ? (overAll ? "Across" : several ? `Plane of ${needle.name}` : "Needle") : name, pad, pad, "left", "top", scale, "#fff", 600);
        const length = [50, 20, 10, 5].find((l) => l <= f.side / 4) || 5, y = size - 12 * scale, x = size - 12 * scale;
        paper.fillStyle = "#fff";
        paper.fillRect(x - length * k, y, length * k, 2.5 * scale);
        label(`${length} mm`, x - (length * k) / 2, y - 3 * scale, "center", "bottom", scale * 0.85, "#fff", 500);
        if (oblique) slider.disabled = overAll; else slider.value = state.at[axis];
        words.textContent = oblique ? `${mm(state.roll)}°` : `${"xyz"[axis]} ${mm(state.at[axis], 1)}`;
      };

      const valueAt = (p) => Voxels.sample(image, image.values, p, [0, 0, 0], [0, 0, 0], 1, 1, NaN, new Float32Array(1))[0];
      const pick = (e) => {
        const r = canvas.getBoundingClientRect(), f = frame();
        return add(add(f.middle, f.right, ((e.clientX - r.left) / r.width - 0.5) * f.side), f.down, ((e.clientY - r.top) / r.height - 0.5) * f.side);
      };
      const tell = (p) => {
        const v = valueAt(p), sides = [["R", "L"], ["A", "P"], ["F", "H"]].map(([n, q], i) => `${p[i] < 0 ? n : q} ${mm(Math.abs(p[i]), 1)}`).join("  ");
        readout.textContent = `${sides} mm` + (Number.isNaN(v) ? "" : `   ${mm(Math.round(v))} ${data.unit}`);
      };
      const go = (e) => { const p = pick(e); state.at = p.map((v, i) => Math.max(box[i][0], Math.min(box[i][1], v))); tell(p); draw(); };
      canvas.addEventListener("pointerdown", (e) => { canvas.setPointerCapture(e.pointerId); canvas.focus({ preventScroll: true }); go(e); });
      canvas.addEventListener("pointermove", (e) => (e.buttons & 1 ? go(e) : tell(pick(e))));
      const step = (n) => {
        if (oblique) state.roll = Math.max(-90, Math.min(90, state.roll + 3 * n));
        else state.at[axis] = Math.max(box[axis][0], Math.min(box[axis][1], state.at[axis] + n * data.spacing[axis]));
        if (oblique) slider.value = state.roll;
        draw();
      };
      canvas.addEventListener("wheel", (e) => { if (document.activeElement === canvas) { e.preventDefault(); step(Math.sign(e.deltaY)); } }, { passive: false });
      canvas.addEventListener("keydown", (e) => {
        const keys = { ArrowUp: 1, PageUp: 5, ArrowDown: -1, PageDown: -5 };
        if (keys[e.key]) { e.preventDefault(); step(keys[e.key]); }
      });
      new ResizeObserver(() => pane.draw()).observe(canvas);
      return pane;
    };

    const bar = element("div", { className: "bar", role: "group", "aria-label": "Window and zoom" });
    const buttons = Object.entries(limits).map(([name, [c, w]]) => element("button", { type: "button", title: `W ${w} L ${c}`, onclick: () => { state.window = name; show(); } }, name));
    const show = () => { buttons.forEach((b) => b.setAttribute("aria-pressed", String(b.textContent === state.window))); draw(); };
    const zooms = element("input", { type: "range", min: 1, max: 5, step: 0.1, value: 1, "aria-label": "Zoom", oninput: () => { state.zoom = Number(zooms.value); draw(); } });
    const crosses = element("input", { type: "checkbox", checked: true, onchange: () => { state.cross = crosses.checked; draw(); } });
    const which = element("select", { onchange: () => { overAll = which.selectedIndex >= data.needles.length; needle = data.needles[which.selectedIndex] || needle; draw(); } },
      ...[...data.needles.map((n) => `Plane of ${n.name}`), "Across all"].map((name) => element("option", {}, name)));
    bar.append(...buttons, ...(several ? [which] : []), element("label", {}, " Zoom ", zooms), element("label", {}, crosses, " Crosshair"),
      element("button", { type: "button", onclick: () => { state.at = [...data.target]; state.roll = 0; draw(); } }, "To the target"),
      element("span", { className: "hint" }, "Click sets the crosshair; wheel or arrow keys scroll after a click"));
    const list = element("ul", { className: "layers" });
    for (const layer of layers) {
      const check = element("input", { type: "checkbox", checked: layer.shown, onchange: () => { layer.shown = check.checked; draw(); } });
      const words = layer.role === "zone" ? `${layer.name}: 50 % line, 5 to 95 % band` : layer.name;
      list.append(element("li", { style: "grid-template-columns:1fr" }, element("label", {}, check, element("span", { className: "swatch", style: `background:${layer.colour}` }), words)));
    }
    for (const name of ["Axial", "Coronal", "Sagittal", ...(needle ? ["Needle"] : [])]) panes.push(makePane(name));
    stage.prepend(bar, element("div", { className: "panes" }, ...panes.map((p) => p.node)), readout, list);
    stage.classList.add("live");
    show();
  };
  whenNear(".stack", start);
})();
