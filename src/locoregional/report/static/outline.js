// Voxels inside a page: unpack a PNG atlas, sample planes, find level lines.
const Voxels = (() => {
  "use strict";

  const unpack = async (atlas) => {
    const image = new Image();
    image.src = atlas.png;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const paper = canvas.getContext("2d", { willReadFrequently: true });
    paper.drawImage(image, 0, 0);
    const [slices, rows, columns] = atlas.shape, codes = new Uint8Array(slices * rows * columns);
    for (let s = 0; s < slices; s++) {
      const tile = paper.getImageData((s % atlas.across) * columns, Math.floor(s / atlas.across) * rows, columns, rows).data;
      for (let i = 0, o = s * rows * columns; i < rows * columns; i++) codes[o + i] = tile[4 * i];
    }
    return { codes, slices, rows, columns, origin: atlas.origin, spacing: atlas.spacing };
  };

  // Values of a volume on a plane: corner (LPS of pixel 0,0), step right and step down [mm per pixel].
  const sample = (volume, values, corner, right, down, width, height, outside, out) => {
    const { slices, rows, columns, origin, spacing } = volume, plane = rows * columns;
    const start = corner.map((c, k) => (c - origin[k]) / spacing[k]), du = right.map((c, k) => c / spacing[k]), dv = down.map((c, k) => c / spacing[k]);
    for (let j = 0, o = 0; j < height; j++) {
      let x = start[0] + j * dv[0], y = start[1] + j * dv[1], z = start[2] + j * dv[2];
      for (let i = 0; i < width; i++, o++, x += du[0], y += du[1], z += du[2]) {
        if (x < -0.5 || y < -0.5 || z < -0.5 || x > columns - 0.5 || y > rows - 0.5 || z > slices - 0.5) { out[o] = outside; continue; }
        const cx = Math.min(Math.max(x, 0), columns - 1.001), cy = Math.min(Math.max(y, 0), rows - 1.001), cz = Math.min(Math.max(z, 0), slices - 1.001);
        const x0 = cx | 0, y0 = cy | 0, z0 = cz | 0, fx = cx - x0, fy = cy - y0, fz = cz - z0, a = z0 * plane + y0 * columns + x0;
        const top = (values[a] * (1 - fx) + values[a + 1] * fx) * (1 - fy) + (values[a + columns] * (1 - fx) + values[a + columns + 1] * fx) * fy;
        const b = a + plane, low = (values[b] * (1 - fx) + values[b + 1] * fx) * (1 - fy) + (values[b + columns] * (1 - fx) + values[b + columns + 1] * fx) * fy;
        out[o] = top * (1 - fz) + low * fz;
      }
    }
    return out;
  };

  // Marching squares: line pieces of a level, as x0, y0, x1, y1 in pixels of the field.
  const lines = (field, width, height, level) => {
    const pieces = [];
    for (let j = 0; j + 1 < height; j++) {
      for (let i = 0; i + 1 < width; i++) {
        const o = j * width + i, a = field[o] - level, b = field[o + 1] - level, c = field[o + width + 1] - level, d = field[o + width] - level;
        const kind = (a > 0) + 2 * (b > 0) + 4 * (c > 0) + 8 * (d > 0);
        if (kind === 0 || kind === 15 || Number.isNaN(a + b + c + d)) continue;
        const cuts = [];
        if (a > 0 !== b > 0) cuts.push([i + a / (a - b), j]);
        if (b > 0 !== c > 0) cuts.push([i + 1, j + b / (b - c)]);
        if (c > 0 !== d > 0) cuts.push([i + d / (d - c), j + 1]);
        if (d > 0 !== a > 0) cuts.push([i, j + a / (a - d)]);
        for (let k = 0; k + 1 < cuts.length; k += 2) pieces.push(...cuts[k], ...cuts[k + 1]);
      }
    }
    return pieces;
  };
  return { unpack, sample, lines };
})();
