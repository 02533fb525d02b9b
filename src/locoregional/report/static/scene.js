// The 3-D scene: a small WebGL renderer of triangle surfaces in LPS millimetres.
(() => {
  "use strict";
  const { add, dot, cross, unit, letters, element, bytes, values, whenNear } = Space;
  const SLOPE = Math.tan((13 * Math.PI) / 180);

  const VERTEX = `attribute vec3 at; attribute vec3 normal; attribute vec3 tint;
    uniform mat3 axes; uniform vec3 target; uniform float far; uniform float aspect;
    varying vec3 n; varying vec3 t;
    // Depth from 5 mm to 4 m before the eye.
    void main() {
      vec3 e = (at - target) * axes; float d = e.z + far; float slope = ${SLOPE.toFixed(6)};
      n = normal * axes; t = tint;
      gl_Position = vec4(e.x / (slope * aspect), -e.y / slope, 1.0025031 * d - 10.012516, d);
    }`;
  const FRAGMENT = `precision mediump float; varying vec3 n; varying vec3 t; uniform float opacity;
    void main() {
      vec3 m = normalize(n); if (m.z > 0.0) m = -m;
      float key = max(0.0, dot(m, vec3(-0.45, -0.62, -0.64)));
      float glint = pow(max(0.0, dot(m, vec3(-0.25, -0.34, -0.91))), 40.0);
      vec3 c = min(vec3(1.0), t * (0.34 + 0.62 * key + 0.10 * (1.0 + m.z)) + 0.18 * glint);
      float a = opacity >= 1.0 ? 1.0 : opacity + (min(0.95, 5.0 * opacity) - opacity) * pow(1.0 + m.z, 2.5);
      gl_FragColor = vec4(c * a, a);
    }`;

  const program = (gl) => {
    const made = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
      gl.attachShader(made, shader);
    }
    gl.linkProgram(made);
    if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made));
    return made;
  };

  const hex = (c) => [1, 3, 5].map((i) => parseInt(c.slice(i, i + 2), 16) / 255);

  const decode = (s) => {
    const steps = new Int16Array(bytes(s.vertices).buffer);
    const at = new Float32Array(steps.length), normal = new Float32Array(steps.length), tint = new Float32Array(steps.length);
    for (let i = 0; i < steps.length; i++) at[i] = s.low[i % 3] + (steps[i] + 32768) * s.step[i % 3];
    const raw = bytes(s.faces).buffer, faces = s.wide ? new Uint32Array(raw) : new Uint16Array(raw);
    for (let i = 0; i < faces.length; i += 3) {
      const [a, b, c] = [3 * faces[i], 3 * faces[i + 1], 3 * faces[i + 2]];
      const p = [at[b] - at[a], at[b + 1] - at[a + 1], at[b + 2] - at[a + 2]], q = [at[c] - at[a], at[c + 1] - at[a + 1], at[c + 2] - at[a + 2]];
      const f = cross(p, q);
      for (const v of [a, b, c]) for (let k = 0; k < 3; k++) normal[v + k] += f[k];
    }
    const own = s.colours && bytes(s.colours), flat = hex(s.colour);
    for (let i = 0; i < at.length; i++) {
      tint[i] = own ? own[i] / 255 : flat[i % 3];
      if (i % 3 === 2) {
        const n = Math.hypot(normal[i - 2], normal[i - 1], normal[i]) || 1;
        for (let k = i - 2; k <= i; k++) normal[k] /= n;
      }
    }
    return { at, normal, tint, faces };
  };

  const start = (stage) => {
    const data = values(stage);
    const canvas = element("canvas", { tabIndex: 0, role: "img", "aria-label": "3-D scene: drag or arrow keys turn, plus and minus zoom, 0 resets" });
    const gl = canvas.getContext("webgl", { antialias: true, premultipliedAlpha: true, alpha: true });
    if (!gl || !gl.getExtension("OES_element_index_uint")) return;
    const made = program(gl), place = (name) => gl.getUniformLocation(made, name);
    const uniforms = Object.fromEntries(["axes", "target", "far", "aspect", "opacity"].map((n) => [n, place(n)]));
    gl.useProgram(made);

    const low = [1e9, 1e9, 1e9], high = [-1e9, -1e9, -1e9], cloud = [];
    const meshes = data.surfaces.map((s) => {
      const mesh = decode(s);
      if (s.shown) for (let i = 0; i < mesh.at.length; i += 3 * Math.max(1, Math.floor(mesh.at.length / 1500))) cloud.push([mesh.at[i], mesh.at[i + 1], mesh.at[i + 2]]);
      const buffer = (array, kind = gl.ARRAY_BUFFER) => {
        const b = gl.createBuffer();
        gl.bindBuffer(kind, b);
        gl.bufferData(kind, array, gl.STATIC_DRAW);
        return b;
      };
      const corner = [0, 1, 2].map((k) => s.low[k] + 65535 * s.step[k]);
      for (let k = 0; k < 3; k++) { low[k] = Math.min(low[k], s.low[k]); high[k] = Math.max(high[k], corner[k]); }
      return {
        name: s.name, colour: s.colour, opacity: s.opacity, base: s.opacity, shown: s.shown, count: mesh.faces.length,
        kind: s.wide ? gl.UNSIGNED_INT : gl.UNSIGNED_SHORT, middle: corner.map((c, k) => (c + s.low[k]) / 2), size: Math.hypot(...corner.map((c, k) => c - s.low[k])) / 2,
        at: buffer(mesh.at), normal: buffer(mesh.normal), tint: buffer(mesh.tint), faces: buffer(mesh.faces, gl.ELEMENT_ARRAY_BUFFER),
      };
    });
    const whole = low.map((v, k) => (v + high[k]) / 2);

    const eye = {};
    const look = (from, middle, far) => {
      const f = unit(from);
      Object.assign(eye, { turn: Math.atan2(f[0], -f[1]), tilt: Math.asin(Math.max(-1, Math.min(1, f[2]))), middle: [...middle], far });
      draw();
    };
    const axes = () => {
      const limit = Math.PI / 2 - 1e-3, tilt = Math.max(-limit, Math.min(limit, eye.tilt));
      const away = [-Math.sin(eye.turn) * Math.cos(tilt), Math.cos(eye.turn) * Math.cos(tilt), -Math.sin(tilt)];
      const right = unit(cross(away, [0, 0, 1]));
      return [right, cross(away, right), away];
    };

    const view = element("div", { className: "view" }, canvas);
    const tags = [...data.points.map((p) => ({ at: p.at, node: element("span", { className: "tag" }, p.name) }))];
    const compass = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map((v) => ({ v, node: element("span", { className: "tag" }, letters(v)) }));
    for (const t of [...tags, ...compass]) view.append(t.node);

    const bind = (mesh) => {
      for (const name of ["at", "normal", "tint"]) {
        const where = gl.getAttribLocation(made, name);
        gl.bindBuffer(gl.ARRAY_BUFFER, mesh[name]);
        gl.enableVertexAttribArray(where);
        gl.vertexAttribPointer(where, 3, gl.FLOAT, false, 0, 0);
      }
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, mesh.faces);
      gl.uniform1f(uniforms.opacity, mesh.opacity);
      gl.drawElements(gl.TRIANGLES, mesh.count, mesh.kind, 0);
    };

    let waiting = false;
    const draw = () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; paint(); });
    };
    const paint = () => {
      const scale = Math.min(2, devicePixelRatio || 1), width = canvas.clientWidth, height = canvas.clientHeight;
      if (!width) return;
      if (canvas.width !== Math.round(width * scale)) { canvas.width = Math.round(width * scale); canvas.height = Math.round(height * scale); }
      gl.viewport(0, 0, canvas.width, canvas.height);
      const a = axes();
      // Columns of the matrix are right, down and away, so that (row vector) * matrix gives eye coordinates.
      gl.uniformMatrix3fv(uniforms.axes, false, a.flat());
      gl.uniform3fv(uniforms.target, eye.middle);
      gl.uniform1f(uniforms.far, eye.far);
      gl.uniform1f(uniforms.aspect, width / height);
      gl.clearColor(0, 0, 0, 0);
      gl.enable(gl.DEPTH_TEST);
      gl.depthMask(true);
      gl.colorMask(true, true, true, true);
      gl.disable(gl.BLEND);
      gl.depthFunc(gl.LESS);
      gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
      const shown = meshes.filter((m) => m.shown && m.opacity > 0), solid = shown.filter((m) => m.opacity >= 1);
      solid.forEach(bind);
      const clear = shown.filter((m) => m.opacity < 1);
      const front = (m) => dot(add(m.middle, eye.middle, -1), a[2]) - m.size;
      clear.sort((p, q) => front(q) - front(p));
      for (const mesh of clear) {
        // Only the nearest side of each see-through surface is blended: depth first, then colour where depth agrees.
        gl.colorMask(false, false, false, false);
        gl.clear(gl.DEPTH_BUFFER_BIT);
        solid.forEach(bind);
        bind(mesh);
        gl.colorMask(true, true, true, true);
        gl.depthFunc(gl.EQUAL);
        gl.enable(gl.BLEND);
        gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
        bind(mesh);
        gl.disable(gl.BLEND);
        gl.depthFunc(gl.LESS);
      }
      const focal = height / 2 / SLOPE;
      const taken = [];
      for (const t of tags) {
        const d = add(t.at, eye.middle, -1), depth = dot(d, a[2]) + eye.far;
        const x = width / 2 + (dot(d, a[0]) * focal) / depth, y = height / 2 + (dot(d, a[1]) * focal) / depth;
        const shifts = [[0, 0], [36, 0], [-36, 0], [0, -25], [0, 25], [36, -25], [-36, 25]];
        const free = ([dx, dy]) => !taken.some((p) => Math.abs(p[0] - x - dx) < 34 && Math.abs(p[1] - y - dy) < 24);
        const [dx, dy] = shifts.find(free) || [0, 0];
        t.node.style.left = `${x + dx}px`;
        t.node.style.top = `${y + dy}px`;
        t.node.hidden = depth < 5 || x < 0 || y < 0 || x > width || y > height;
        if (!t.node.hidden) taken.push([x + dx, y + dy]);
      }
      for (const c of compass) {
        c.node.style.left = `${38 + 26 * dot(c.v, a[0])}px`;
        c.node.style.top = `${height - 38 + 26 * dot(c.v, a[1])}px`;
        c.node.style.transform = "translate(-50%, -50%)";
        c.node.style.border = c.node.style.background = "none";
        c.node.style.opacity = 0.55 - 0.45 * dot(c.v, a[2]);
      }
    };

    const target = data.target || whole;
    // As far away as it takes to hold every shown surface in the picture.
    const wholeView = () => {
      look(data.from, whole, 1000);
      const a = axes(), aspect = canvas.clientWidth / canvas.clientHeight || 1.6;
      eye.far = Math.max(...cloud.map((p) => {
        const d = add(p, whole, -1);
        return Math.max(Math.abs(dot(d, a[0])) / (SLOPE * aspect), Math.abs(dot(d, a[1])) / SLOPE) - dot(d, a[2]);
      })) * 1.04;
    };
    const close = () => look(data.from, target, 48 / SLOPE);
    const sides = { Front: [0, -1, 0], Right: [-1, 0, 0], Left: [1, 0, 0], Back: [0, 1, 0], Feet: [0, -0.001, -1], Head: [0, -0.001, 1] };
    const bar = element("div", { className: "bar", role: "group", "aria-label": "Views" },
      element("button", { type: "button", onclick: wholeView }, "Whole"), element("button", { type: "button", onclick: close }, "Close-up"));
    for (const [name, from] of Object.entries(sides)) bar.append(element("button", { type: "button", onclick: () => look(from, eye.middle, eye.far) }, name));
    for (const n of data.needles) {
      const words = data.needles.length > 1 ? `Along ${n.name}` : "Along the needle";
      bar.append(element("button", { type: "button", onclick: () => look(add(n.entry, n.tip, -1), n.tip, 70 / SLOPE) }, words));
    }
    bar.append(element("span", { className: "hint" }, "Drag turns, Shift-drag moves, wheel zooms after a click"));

    const list = element("ul", { className: "layers" });
    for (const name of new Set(meshes.map((m) => m.name))) {
      const group = meshes.filter((m) => m.name === name);
      const check = element("input", { type: "checkbox", checked: group[0].shown, onchange: () => { group.forEach((m) => (m.shown = check.checked)); draw(); } });
      const range = element("input", { type: "range", min: 0.03, max: 1, step: 0.01, value: group[0].opacity, "aria-label": `Opacity of ${name}`, oninput: () => { group.forEach((m) => (m.opacity = Number(range.value))); draw(); } });
      list.append(element("li", {}, element("label", {}, check, element("span", { className: "swatch", style: `background:${group[0].colour}` }), name), range));
    }

    const zoom = (factor) => { eye.far = Math.max(30, Math.min(3000, eye.far * factor)); draw(); };
    const move = (dx, dy) => {
      const a = axes(), s = (2 * eye.far * SLOPE) / canvas.clientHeight;
      eye.middle = add(add(eye.middle, a[0], -dx * s), a[1], -dy * s);
      draw();
    };
    const turn = (dx, dy) => { eye.turn -= dx * 0.008; eye.tilt = Math.max(-1.57, Math.min(1.57, eye.tilt + dy * 0.008)); draw(); };
    const fingers = new Map();
    canvas.addEventListener("pointerdown", (e) => { canvas.setPointerCapture(e.pointerId); fingers.set(e.pointerId, [e.clientX, e.clientY]); canvas.focus({ preventScroll: true }); });
    canvas.addEventListener("pointermove", (e) => {
      const last = fingers.get(e.pointerId);
      if (!last) return;
      const now = [e.clientX, e.clientY], dx = now[0] - last[0], dy = now[1] - last[1];
      if (fingers.size === 2) {
        const other = [...fingers].find(([id]) => id !== e.pointerId)[1];
        zoom(Math.hypot(last[0] - other[0], last[1] - other[1]) / Math.max(1, Math.hypot(now[0] - other[0], now[1] - other[1])));
      } else if (e.shiftKey || e.buttons & 6) move(dx, dy);
      else turn(dx, dy);
      fingers.set(e.pointerId, now);
    });
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (e) => fingers.delete(e.pointerId));
    canvas.addEventListener("wheel", (e) => { if (document.activeElement === canvas) { e.preventDefault(); zoom(Math.exp(e.deltaY * 0.001)); } }, { passive: false });
    canvas.addEventListener("keydown", (e) => {
      const keys = { ArrowLeft: () => turn(-15, 0), ArrowRight: () => turn(15, 0), ArrowUp: () => turn(0, -15), ArrowDown: () => turn(0, 15), "+": () => zoom(0.88), "=": () => zoom(0.88), "-": () => zoom(1.14), 0: wholeView };
      if (keys[e.key]) { e.preventDefault(); keys[e.key](); }
    });
    canvas.style.aspectRatio = matchMedia("(max-width: 720px)").matches ? "1" : "16 / 10";
    stage.prepend(view, bar, list);
    stage.classList.add("live");
    new ResizeObserver(draw).observe(canvas);
    wholeView();
  };
  whenNear(".scene", start);
})();
