"""The march on a GPU against the one on the processor: in the simulator of numba, and compiled where the compiler is here."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from locoregional.errors import SolverError
from locoregional.physics.bioheat import simulate_heating
from locoregional.physics.medium import Medium

BOTH = """
import json, sys
import numpy as np
from locoregional.physics.bioheat import simulate_heating
from locoregional.physics.damage import damage_model
from locoregional.physics.medium import Medium

rng = np.random.default_rng(3)
shape = (9, 8, 10)
power, duration, model, kind = json.loads(sys.argv[1])
axes = np.meshgrid(*[np.arange(n) - 0.5 * (n - 1) for n in shape], indexing="ij")
q = np.exp(-0.5 * sum(a**2 for a in axes) / 2.0)
q *= power / (q.sum() * 1e-9)
fields = {
    "conductivity_w_mk": rng.uniform(0.3, 0.6, shape), "volumetric_heat_capacity_j_m3k": 4e6,
    "perfusion_heat_w_m3k": rng.uniform(2e4, 6e4, shape),
}
if kind == "vessel":
    held, sink = np.zeros(shape, bool), np.zeros(shape)
    held[:, 2, 2], sink[4, 5, :] = True, 2e5
    fields |= {"held": held, "sink_w_m3k": sink, "sink_temperature_c": 20.0}
if kind in ("slope", "drying"):
    fields["conductivity_slope_w_mk2"] = 0.0033
if kind == "drying":
    fields |= {"latent_heat_j_m3": 1.6e9, "vapour_heat_capacity_j_m3k": 0.6e6}
out = {}
for device in ("cpu", "cuda"):
    h = simulate_heating(  # where something dries, both take the small steps everywhere
        Medium(**fields), source=(lambda t, s: q) if kind == "drying" else q, update_every_s=0.1 if kind == "drying" else None,
        duration_s=duration, spacing_m=(1e-3, 1.2e-3, 1e-3), parallel=False, device=device,
        damage=damage_model(model) if model else None, cooldown_s=2.0 if model and kind != "drying" else 0.0,
    )
    e = h.energy
    out[device] = {
        "t": h.temperature_c.tolist(), "peak": h.peak_temperature_c.tolist(), "flow": h.perfusion_factor.tolist(),
        "damage": None if h.damage is None else h.damage.tolist(), "residual": e.residual_share,
        "energy": [e.injected_j, e.stored_j, e.latent_j, e.perfused_j, e.boundary_j, e.sink_j],
    }
print(json.dumps(out))
"""


def both(*case):
    """Result of a run on both devices, the GPU simulated."""
    done = subprocess.run(
        [sys.executable, "-c", BOTH, json.dumps(case)],
        env=os.environ | {"NUMBA_ENABLE_CUDASIM": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return found["cpu"], found["cuda"]


@pytest.mark.parametrize(
    ("case", "kelvin", "joule"),
    [
        ((0.4, 12.0, None, "plain"), 1e-3, 1e-3),
        ((1.0, 6.0, "three_state", "vessel"), 1e-3, 1e-3),
        ((4.0, 6.0, "arrhenius_liver", "slope"), 0.02, 2e-3),
        ((20.0, 2.0, "cem43", "drying"), 0.05, 2e-3),
    ],
)
def test_simulated_gpu_gives_the_temperatures_damage_and_books_of_the_processor(case, kelvin, joule):
    cpu, cuda = both(*case)
    assert np.max(cpu["t"]) > 40.0
    assert np.array(cuda["t"]) == pytest.approx(np.array(cpu["t"]), abs=kelvin)
    assert np.array(cuda["peak"]) == pytest.approx(np.array(cpu["peak"]), abs=kelvin)
    assert cuda["residual"] < 1e-4
    scale = max(abs(v) for v in cpu["energy"])
    assert cuda["energy"] == pytest.approx(cpu["energy"], abs=joule * scale)
    if cpu["damage"] is not None:
        assert np.array(cuda["damage"]) == pytest.approx(np.array(cpu["damage"]), rel=20 * joule, abs=1e-3)
        assert np.mean(np.array(cuda["flow"]) != np.array(cpu["flow"])) < 0.01


def test_without_a_gpu_the_remedy_is_named():
    from numba import cuda

    if cuda.is_available():
        pytest.skip("a GPU is here")
    medium = Medium(conductivity_w_mk=np.full((4, 4, 4), 0.5), volumetric_heat_capacity_j_m3k=4e6)
    with pytest.raises(SolverError, match="no NVIDIA GPU") as caught:
        simulate_heating(medium, source=np.zeros((4, 4, 4)), duration_s=1.0, spacing_m=(1e-3,) * 3, device="cuda")
    assert 'device="cpu"' in str(caught.value)
    with pytest.raises(SolverError, match="no device called 'tpu'"):
        simulate_heating(medium, source=np.zeros((4, 4, 4)), duration_s=1.0, spacing_m=(1e-3,) * 3, device="tpu")
