"""What follows from a claim's measured quantities: its outcome, why, and which findings apply."""

from collections.abc import Iterable, Mapping

from superposition.claims.records import Finding, Outcome, Reading


def applies(
    finding: Finding, cells: tuple[str, ...], fits: Mapping[Reading, tuple[bool, ...]]
) -> bool:
    """Return whether the departure is there that a finding is about.

    Where a check gives numbers about all cells, any of them may be the departure.
    """
    if finding.cell is None:
        inside = finding.inside is None or all(fits[finding.inside])
        return inside and not all(fits[finding.outside])
    model, density = finding.cell
    name = f"{model} at 1 − S = {density:g}"
    if name not in cells:
        return False
    off = fits[finding.outside]
    places = [cells.index(name)] if len(off) == len(cells) else range(len(off))
    outside = [k for k in places if not off[k]]
    inside = finding.inside is None or all(fits[finding.inside][k] for k in outside)
    return bool(outside) and inside


def outcome(
    measured: Iterable[tuple[str, tuple[bool, ...]]], cells: tuple[str, ...], control_fits: bool
) -> tuple[Outcome, str]:
    """Return the verdict and its reason.

    Args:
        measured: Each quantity in words, and which of its values are within the bounds.
        cells: The cells they are about, if there is a value for each.
        control_fits: Whether the control is within all bounds.
    """
    outside = []
    for quantity, within in measured:
        where = [k for k, fits in enumerate(within) if not fits]
        if where:
            places = cells if len(within) == len(cells) else ("",) * len(within)
            where_text = _join(places[k] for k in where)
            outside.append(f"{quantity}: outside {where_text}".rstrip())
    if outside:
        return Outcome.DEVIATES, "; ".join(outside)
    if control_fits:
        return Outcome.VOID, "the control fits the claim too, so that fitting it means nothing"
    return Outcome.REPLICATES, ""


def _join(names: Iterable[str]) -> str:
    """Return `for relu at 1 − S = 0.3, 0.1`, naming each model once; nothing for no name."""
    densities: dict[str, list[str]] = {}
    for name in filter(None, names):
        model, _, density = name.partition(" = ")
        densities.setdefault(model, []).append(density)
    parts = [
        f"for {model} = {', '.join(values)}" if any(values) else f"for {model}"
        for model, values in densities.items()
    ]
    return " and ".join(parts)
