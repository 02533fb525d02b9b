"""Compiled loops over the frames of an angiogram: opacity, shifting by fractions of a pixel, maps over time."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

__all__ = ["binned", "logarithm", "maps_over_time", "refine_shifts", "shift_frames", "subtract_mask"]


@numba.njit(cache=True, parallel=True)
def logarithm(frames: Any, floor: Any, low: Any, high: Any, out: Any, clipped: Any) -> Any:
    """Write ``-log(value)``, mark pixels that were at an end of the detector's range in any frame, and count them."""
    count, rows, columns = frames.shape
    lost = 0
    for r in numba.prange(rows):
        for t in range(count):
            for c in range(columns):
                value = frames[t, r, c]
                if value <= low or value >= high or value < floor:
                    if not clipped[r, c]:
                        lost += 1
                    clipped[r, c] = True
                out[t, r, c] = -np.log(max(value, floor))
    return lost


@numba.njit(cache=True, parallel=True)
def binned(series: Any, size: Any) -> Any:
    """Means over squares of ``size`` pixels."""
    count, rows, columns = series.shape[0], series.shape[1] // size, series.shape[2] // size
    out = np.empty((count, rows, columns), np.float32)
    for t in numba.prange(count):
        for r in range(rows):
            for c in range(columns):
                total = 0.0
                for i in range(size):
                    for j in range(size):
                        total += series[t, r * size + i, c * size + j]
                out[t, r, c] = total / (size * size)
    return out


@numba.njit(cache=True)
def _weight(i: Any, x: Any) -> Any:
    """Weight of the neighbour ``i`` (-1..2) for a point ``x`` (0..1) beyond the pixel 0: cubic convolution of order three."""
    d = abs(i - x)
    if d < 1.0:
        return 1.5 * d * d * d - 2.5 * d * d + 1.0
    if d < 2.0:
        return -0.5 * d * d * d + 2.5 * d * d - 4.0 * d + 2.0
    return 0.0


@numba.njit(cache=True, parallel=True)
def shift_frames(series: Any, shifts: Any, out: Any) -> Any:
    """Read each frame at its shift (rows, columns): what moved by the shift comes to lie on the reference; edges are held."""
    count, rows, columns = series.shape
    for job in numba.prange(count * rows):
        t, r = job // rows, job % rows
        down, right = int(np.floor(shifts[t, 0])), int(np.floor(shifts[t, 1]))
        y, x = shifts[t, 0] - down, shifts[t, 1] - right
        if y == 0.0 and x == 0.0 and down == 0 and right == 0:
            for c in range(columns):
                out[t, r, c] = series[t, r, c]
            continue
        wy = (_weight(-1, y), _weight(0, y), _weight(1, y), _weight(2, y))
        wx = (_weight(-1, x), _weight(0, x), _weight(1, x), _weight(2, x))
        line = np.zeros(columns, np.float64)
        for i in range(4):
            row = min(max(r + down + i - 1, 0), rows - 1)
            for c in range(columns):
                line[c] += wy[i] * series[t, row, c]
        for c in range(columns):
            total = 0.0
            for j in range(4):
                total += wx[j] * line[min(max(c + right + j - 1, 0), columns - 1)]
            out[t, r, c] = total


@numba.njit(cache=True, parallel=True)
def subtract_mask(series: Any, chosen: Any) -> Any:
    """Subtract in place the mean of the frames ``chosen`` (their numbers)."""
    frames, rows, columns = series.shape
    for r in numba.prange(rows):
        mean = np.zeros(columns, np.float64)
        for k in range(len(chosen)):
            for c in range(columns):
                mean[c] += series[chosen[k], r, c]
        for c in range(columns):
            mean[c] /= len(chosen)
        for t in range(frames):
            for c in range(columns):
                series[t, r, c] -= mean[c]


@numba.njit(cache=True)
def _tile_sums(frame: Any, reference: Any, down: Any, right: Any, used: Any, shift: Any, offset: Any, cut: Any, sums: Any) -> Any:
    """Normal equations of a small further shift, tile by tile, and what the residuals are on a coarse grid.

    Pixels whose residual exceeds ``cut`` (contrast medium, noise) count nothing, the others by Tukey's biweight. Each tile gives
    the sums of g_y g_y, g_y g_x, g_x g_x, g_y r, g_x r, weight and weight times residual.
    """
    rows, columns = frame.shape
    tiles = sums.shape[0]
    sums[:] = 0.0
    base_y, base_x = int(np.floor(shift[0])), int(np.floor(shift[1]))
    y, x = shift[0] - base_y, shift[1] - base_x
    y0, y1, y2, y3 = _weight(-1, y), _weight(0, y), _weight(1, y), _weight(2, y)
    x0, x1, x2, x3 = _weight(-1, x), _weight(0, x), _weight(1, x), _weight(2, x)
    first, last = max(0, 1 - base_x), min(columns, columns - 2 - base_x)
    line = np.empty(columns, np.float64)
    picked = np.empty(rows * columns // 49 + rows + columns + 64, np.float64)
    count = 0
    for r in range(max(0, 1 - base_y), min(rows, rows - 2 - base_y)):
        top = r + base_y
        for c in range(columns):
            line[c] = y0 * frame[top - 1, c] + y1 * frame[top, c] + y2 * frame[top + 1, c] + y3 * frame[top + 2, c]
        for k in range(tiles):
            yy, yx, xx, yr, xr, whole, total = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            for c in range(max(first, k * columns // tiles), min(last, (k + 1) * columns // tiles)):
                if not used[r, c]:
                    continue
                left = c + base_x
                value = x0 * line[left - 1] + x1 * line[left] + x2 * line[left + 1] + x3 * line[left + 2]
                residual = value - reference[r, c]
                if r % 7 == 0 and c % 7 == 0:
                    picked[count] = residual
                    count += 1
                residual -= offset
                ratio = residual / cut
                if abs(ratio) >= 1.0:
                    continue
                w = 1.0 - ratio * ratio
                w *= w
                gy, gx = down[r, c], right[r, c]
                yy += w * gy * gy
                yx += w * gy * gx
                xx += w * gx * gx
                yr += w * gy * residual
                xr += w * gx * residual
                whole += w
                total += w * residual
            tile = sums[r * tiles // rows, k]
            tile[0] += yy
            tile[1] += yx
            tile[2] += xx
            tile[3] += yr
            tile[4] += xr
            tile[5] += whole
            tile[6] += total
    return picked[:count]


@numba.njit(cache=True, parallel=True)
def refine_shifts(
    frames: Any, reference: Any, down: Any, right: Any, used: Any, shifts: Any, sums: Any, tukey: Any, rounds: Any, settled: Any
) -> Any:
    """Refine the shift of each frame in place, by least squares that leave outliers out; ``sums`` keeps those of the tiles.

    A frame without structure both ways comes to have NaN.
    """
    for t in numba.prange(len(frames)):
        shift = shifts[t].copy()
        offset, cut = 0.0, 1e30
        for turn in range(rounds):
            picked = _tile_sums(frames[t], reference, down, right, used, shift, offset, cut, sums[t])
            if len(picked) < 8:
                shift[0], shift[1] = np.nan, np.nan
                break
            if turn < 4:
                offset = np.median(picked)
                cut = max(tukey * 1.4826 * np.median(np.abs(picked - offset)), 1e-9)
                _tile_sums(frames[t], reference, down, right, used, shift, offset, cut, sums[t])
            yy, yx, xx, yr, xr = 0.0, 0.0, 0.0, 0.0, 0.0
            whole, total = 0.0, 0.0
            for i in range(sums.shape[1]):
                for j in range(sums.shape[2]):
                    tile = sums[t, i, j]
                    yy, yx, xx = yy + tile[0], yx + tile[1], xx + tile[2]
                    yr, xr, whole, total = yr + tile[3], xr + tile[4], whole + tile[5], total + tile[6]
            determinant = yy * xx - yx * yx
            if not determinant > 1e-4 * (0.5 * (yy + xx)) ** 2:
                shift[0], shift[1] = np.nan, np.nan
                break
            step_y, step_x = (xx * yr - yx * xr) / determinant, (yy * xr - yx * yr) / determinant
            shift[0] -= step_y
            shift[1] -= step_x
            offset += total / max(whole, 1e-9)
            if turn >= 4 and max(abs(step_y), abs(step_x)) < settled:
                break
        shifts[t] = shift


@numba.njit(cache=True, parallel=True)
def maps_over_time(series: Any, times: Any, weights: Any, out: Any) -> Any:
    """Maps of area, peak, time to peak, steepest rise and mean time, ``out`` of shape (5, row, column).

    The peak and the rise are those of the curve smoothed over three frames; the time of the peak is that of a parabola through
    the highest frame and its neighbours. Without an area there is no mean time (NaN).
    """
    count, rows, columns = series.shape
    for r in numba.prange(rows):
        curve = np.empty(count, np.float64)
        smooth = np.empty(count, np.float64)
        for c in range(columns):
            area, moment = 0.0, 0.0
            for t in range(count):
                curve[t] = series[t, r, c]
                area += weights[t] * curve[t]
                moment += weights[t] * curve[t] * times[t]
            smooth[0], smooth[count - 1] = curve[0], curve[count - 1]
            for t in range(1, count - 1):
                smooth[t] = 0.25 * curve[t - 1] + 0.5 * curve[t] + 0.25 * curve[t + 1]
            best = 0
            for t in range(1, count):
                if smooth[t] > smooth[best]:
                    best = t
            rise = 0.0
            for t in range(1, best + 1):
                slope = (smooth[t] - smooth[t - 1]) / (times[t] - times[t - 1])
                rise = max(rise, slope)
            time = times[best]
            if 0 < best < count - 1:
                a, b = times[best] - times[best - 1], times[best + 1] - times[best]
                p, q = (smooth[best] - smooth[best - 1]) / a, (smooth[best + 1] - smooth[best]) / b
                bend = (q - p) / (a + b)
                if bend < 0.0:
                    time = times[best] - 0.5 * a - 0.5 * p / bend  # where the parabola through the three points is level
                    time = min(max(time, times[best - 1]), times[best + 1])
            out[0, r, c] = area
            out[1, r, c] = smooth[best]
            out[2, r, c] = time
            out[3, r, c] = rise
            out[4, r, c] = moment / area if area > 0.0 else np.nan
