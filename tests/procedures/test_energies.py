"""Devices by name and by file: found through the procedures, refused with the reason."""

import pytest

from locoregional.errors import LocoregionalError, NotModelled, PlanningError
from locoregional.procedures import found
from locoregional.procedures.energies import describable, device_named, energies, known_devices


def test_every_thermal_ablation_brings_its_energy_and_its_devices():
    known = known_devices()
    assert "mwa" in energies()
    assert set(energies()) <= set(found())
    for name, energy in energies().items():
        assert energy.name == name
        assert energy.lethal in ("heat", "cold")
        assert energy.law in energy.laws
        for device_name, device in energy.devices().items():
            assert known[device_name] == (energy, device)


def test_every_device_says_what_it_is_and_what_it_rests_on():
    for name, (_, device) in known_devices().items():
        assert device.name == name
        assert device.words
        assert device.settings
        assert device.facts, name
        assert all(f.source and f.status in ("verified", "unverified", "borrowed") for f in device.facts)
        for setting in device.settings:
            device.require(setting)


def test_an_unknown_name_is_answered_with_what_sounds_like_it():
    with pytest.raises(PlanningError, match="Did you mean amica-14g"):
        device_named("amica14g")
    with pytest.raises(PlanningError, match=r"Known: .*he2010-cooled"):
        device_named("zzz")


@pytest.mark.parametrize("energy", sorted(describable()))
def test_the_example_of_a_file_makes_a_device_that_says_what_is_unverified(energy, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(describable()[energy], encoding="utf-8")
    its, device = device_named(str(path))
    assert its.name == energy
    assert device.settings
    statuses = {f.status for f in device.facts}
    assert "unverified" in statuses
    assert any("file" in words for words in device.caveats)


def changed(tmp_path, *replacements, energy="mwa"):
    text = describable()[energy]
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("radius_mm = 0.9 ", "radius_mm = 0.0009 ", "antenna.radius_mm.*Check the unit"),
        ("radius_mm = 0.9 ", "radius_cm = 0.09 ", "antenna.radius_cm.*Did you mean antenna.radius_mm"),
        ("frequency_mhz = 2450.0", "", "frequency_mhz.*Add it|missing"),
        ("powers_w = [40, 60, 80, 100]", "powers_w = [60, 40]", "does not ascend"),
        ("powers_w = [40, 60, 80, 100]", 'powers_w = "high"', "no list"),
        ('shape = "slot"', 'shape = "horn"', "Use one of slot, choked"),
        ("value = 0.65, low = 0.60", "value = 0.65, low = 0.70", "outside its own range"),
        ('source = "manual, p. 31", ', "", "no source is named"),
        ('status = "verified"', 'status = "sure"', "no status"),
        ("dielectric_radius_mm = 0.470", "dielectric_radius_mm = 0.7", "do not grow"),
        ("times_min = [5, 10]", "times_min = [5, 40]", "exceed the longest"),
        ("matched = true", 'matched = "yes"', "neither true nor false"),
        ("radius_mm = 0.9 ", "radius_mm = nan ", "no number"),
        ('energy = "mwa"', 'energy = "laser"', "cannot be described"),
    ],
)
def test_a_wrong_entry_is_named_with_its_remedy(old, new, says, tmp_path):
    with pytest.raises(LocoregionalError, match=f"(?s){says}") as caught:
        device_named(changed(tmp_path, (old, new)))
    assert "mine.toml" in caught.value.where


def test_an_energy_that_cannot_be_described_is_not_modelled(tmp_path):
    with pytest.raises(NotModelled):
        device_named(changed(tmp_path, ('energy = "mwa"', 'energy = "steam"')))


def test_a_missing_or_broken_file_is_refused(tmp_path):
    with pytest.raises(PlanningError, match="cannot be read"):
        device_named(str(tmp_path / "none.toml"))
    (tmp_path / "broken.toml").write_text("energy = ", encoding="utf-8")
    with pytest.raises(PlanningError, match="cannot be read"):
        device_named(str(tmp_path / "broken.toml"))


def test_a_file_with_the_numbers_of_a_known_antenna_is_that_antenna(tmp_path):
    from locoregional.procedures.mwa.devices import device

    _, made = device_named(
        changed(tmp_path, ("radius_mm = 0.9 ", "radius_mm = 0.895 "), ("value = 0.65, low = 0.60", "value = 0.643, low = 0.60"))
    )
    known = device("he2010-cooled")
    assert made.antenna == known.antenna
    assert made.power_at_antenna_w(50.0) == pytest.approx(known.power_at_antenna_w(50.0))
    assert made.cooled_from_mm == known.cooled_from_mm
    assert made.coolant_c == known.coolant_c
    verified = [f for f in made.facts if f.status == "verified"]
    assert any(f.source == "manual, p. 31" for f in verified)


def test_a_choked_antenna_keeps_its_choke_outside_the_slot(tmp_path):
    choked = ('shape = "slot"', 'shape = "choked"'), ("# choke_from_tip_mm = 20.0", "choke_from_tip_mm = 18.0")
    _, made = device_named(changed(tmp_path, *choked))
    assert made.antenna.edges_mm[-1] > 18.0
    with pytest.raises(PlanningError, match="no room"):
        device_named(changed(tmp_path, choked[0], ("# choke_from_tip_mm = 20.0", "choke_from_tip_mm = 6.5")))


def test_a_file_with_the_numbers_of_a_known_electrode_is_that_electrode(tmp_path):
    from locoregional.procedures.rfa.devices import device

    _, made = device_named(changed(tmp_path, ("tip_mm = 20.0", "tip_mm = 30.0"), energy="rfa"))
    known = device("cooltip-single-30")
    for name in ("electrodes", "channels", "programs", "limits", "max_power_w", "diameter_mm", "gauge"):
        assert getattr(made, name) == getattr(known, name), name
    assert float(made.coolant) == float(known.coolant)


def shown(*names):
    """Entries of the example that stand there as comments."""
    return tuple((f"\n# {name} =", f"\n{name} =") for name in names)


def hidden(*names):
    return tuple((f"\n{name} =", f"\n# {name} =") for name in names)


CLUSTER = (('"needle"  ', '"cluster"  '), ("tip_mm = 20.0", "tip_mm = 25.0"), *shown("apart_mm"))
UMBRELLA = (
    ('"needle"  ', '"umbrella"  '), ('"impedance"  ', '"ladder"  '),
    *shown("across_mm", "tines", "tine_radius_mm", "start_w", "step_w"),
    *hidden("tip_mm", "rise_ohm", "low_power_w", "low_time_s"),
)  # fmt: skip


@pytest.mark.parametrize(("replacements", "same"), [(CLUSTER, "cooltip-cluster"), (UMBRELLA, "leveen-35")])
def test_clusters_and_tines_of_a_file_are_those_of_known_devices(replacements, same, tmp_path):
    from locoregional.procedures.rfa.devices import device

    _, made = device_named(changed(tmp_path, *replacements, energy="rfa"))
    assert made.electrodes == device(same).electrodes
    assert made.channels == device(same).channels
    assert made.programs == device(same).programs


def test_a_file_with_the_numbers_of_a_known_probe_is_that_probe(tmp_path):
    from locoregional.procedures.cryo.devices import device

    _, made = device_named(changed(tmp_path, ("value = 30.0", "value = 45.0"), energy="cryo"))
    known = device("icerod")
    for name in ("active_mm", "cold_c", "cooling_w_cm", "warming_w_cm", "diameter_mm", "longest_s", "together", "gauge"):
        assert getattr(made, name) == pytest.approx(getattr(known, name)), name
    assert made.settings == known.settings[::-1] or set(made.settings) == set(known.settings)


@pytest.mark.parametrize(
    ("energy", "old", "new", "says"),
    [
        ("rfa", 'control = "impedance"', 'control = "magic"', "Use one of impedance, ladder, temperature"),
        ("rfa", 'control = "impedance"', 'control = "temperature"', "rise_ohm|low_"),
        ("rfa", 'shape = "needle"', 'shape = "umbrella"', "across_mm"),
        ("rfa", "times_min = [6, 12]", "times_min = [6, 45]", "exceed the longest"),
        ("cryo", 'programs = ["15", "10-5-10"]', 'programs = ["slowly"]', "no program"),
        ("cryo", 'programs = ["15", "10-5-10"]', "programs = [15]", "no list of texts"),
        ("cryo", "value = 143.0, low = 123.0", "value = -130.0, low = -150.0", "outside 70 to 260"),
        ("cryo", "radius_mm = 0.75", "radius_mm = 75", "outside 0.3 to 3"),
    ],
)
def test_wrong_entries_of_other_energies_are_named_too(energy, old, new, says, tmp_path):
    with pytest.raises(PlanningError, match=says):
        device_named(changed(tmp_path, (old, new), energy=energy))
