"""Verdicts with several seeds: where they do not agree, a claim is unstable.

Training everything with other seeds takes hours, so what became of the claims is kept in the
repository. What is kept of a claim stands as long as the build measures the same for it as the
build did that was confirmed; of other settings, or by another check, it says nothing.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from superposition.base.canonical import canonical_json, digest
from superposition.base.errors import UserError
from superposition.base.files import read_bytes
from superposition.claims.claim import Outcome, goes_beyond
from superposition.claims.verdict import Verdict
from superposition.config.settings import Frozen


class BySeed(Frozen):
    """What became of a claim with several seeds."""

    by_seed: Mapping[int, Outcome]
    reasons: Mapping[int, str] = {}
    """What was outside its bounds, where the outcomes differ."""


class Confirmation(BySeed):
    """What is kept of that."""

    measured: str
    """A digest of what the build measured that was confirmed, and of what it expected."""


Record = Mapping[str, Confirmation]
"""Confirmations by claim."""
_RECORD = TypeAdapter(dict[str, Confirmation])


def confirmed(verdicts: Sequence[Verdict], by_claim: Mapping[str, BySeed]) -> list[Verdict]:
    """The verdicts of a build, with what became of each claim with several seeds, its own too."""
    return [_confirmed(one, by_claim.get(one.id, BySeed(by_seed={}))) for one in verdicts]


def outcomes(by_seed: Mapping[int, Sequence[Verdict]]) -> dict[str, BySeed]:
    """What became of each claim, given the verdicts of builds with several seeds."""
    found: dict[str, dict[int, Verdict]] = {}
    for seed, verdicts in by_seed.items():
        for verdict in verdicts:
            found.setdefault(verdict.id, {})[seed] = verdict
    return {
        id: BySeed(
            by_seed={seed: one.outcome for seed, one in its.items()},
            reasons={seed: one.reason for seed, one in its.items() if one.reason},
        )
        for id, its in found.items()
    }


def standing(record: Record, verdicts: Sequence[Verdict]) -> dict[str, BySeed]:
    """What is kept of those claims for which the same was measured."""
    return {
        one.id: record[one.id]
        for one in verdicts
        if one.checks and one.id in record and record[one.id].measured == _measured(one)
    }


def record_text(verdicts: Sequence[Verdict], record: Record) -> str:
    """What is to be kept of verdicts, as its file has it.

    Of follow-ups that they lack, what a record has is kept, and so is the record's order.
    """
    lacking = record.keys() - {one.id for one in verdicts}
    kept = {
        one.id: Confirmation(
            measured=_measured(one), by_seed=one.by_seed, reasons=one.reason_by_seed
        )
        for one in verdicts
        if one.checks and one.by_seed
    }
    kept |= {id: record[id] for id in lacking if goes_beyond(id)}
    ordered = {id: kept[id] for id in dict.fromkeys([*record, *kept]) if id in kept}
    return _RECORD.dump_json(ordered, indent=1, exclude_defaults=True).decode() + "\n"


def read_record(path: Path) -> Record:
    """What is kept; nothing if there is no such file.

    Raises:
        UserError: If it cannot be read, or is something else.
    """
    if not path.is_file():
        return {}
    try:
        return _RECORD.validate_json(read_bytes(path))
    except ValidationError as error:
        raise UserError(
            f"{path} does not hold confirmations as this version writes them "
            f"({error.error_count()} mistakes). Take the committed file, or remove it: claims are "
            "then judged with one seed."
        ) from None


def _measured(verdict: Verdict) -> str:
    numbers = ("low", "high", "position", "measured", "control")
    checks = [check.model_dump(mode="json", include=set(numbers)) for check in verdict.checks]
    return digest(canonical_json({"reading": verdict.judged_on, "checks": checks}))[:16]


def _confirmed(verdict: Verdict, its: BySeed) -> Verdict:
    changes: dict[str, object] = {"by_seed": its.by_seed}
    tested = {outcome for outcome in its.by_seed.values() if outcome is not Outcome.NOT_TESTED}
    if verdict.outcome is not Outcome.NOT_TESTED and len(tested) > 1:
        reason = ", ".join(
            f"{outcome} with seed {seed}" + (f" ({why})" if (why := its.reasons.get(seed)) else "")
            for seed, outcome in its.by_seed.items()
        )
        changes |= {"outcome": Outcome.UNSTABLE, "reason": reason, "reason_by_seed": its.reasons}
    return verdict.model_copy(update=changes)
