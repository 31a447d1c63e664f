import csv
import io
import json
from dataclasses import replace

import ideal
import numpy as np
import pytest

from superposition import claims
from superposition.claims import Outcome, demonstration, introduction
from superposition.claims.controls import SHUFFLED
from superposition.claims.library import Library
from superposition.claims.records import (
    BEST,
    Basis,
    Cells,
    Check,
    Claim,
    Control,
    Finding,
    Reading,
    Task,
)
from superposition.errors import UserError
from superposition.parameters import Parameters

# The judge and its reports are tried out on these; other claims have test files of their own.
CLAIMS = (*introduction.CLAIMS, *demonstration.CLAIMS)


def judge(weights, of=CLAIMS):
    return claims.judge(weights, of)


@pytest.fixture(scope="module")
def replicated():
    return ideal.intro() | ideal.demonstration()


@pytest.fixture(scope="module")
def verdicts(replicated):
    return judge(replicated)


def of(verdicts, claim):
    return next(verdict for verdict in verdicts if verdict.id == claim)


def the(claim):
    return next(one for one in CLAIMS if one.id == claim)


def altered(weights, cell, W=None, b=None):
    """Return the weights with one cell's columns or biases changed by a function."""
    old = weights[cell]
    final = Parameters(
        W=old.W if W is None else W(old.W.copy()), b=old.b if b is None else b(old.b.copy())
    )
    return weights | {cell: replace(old, final=final)}


def test_claims_are_numbered_without_gaps():
    assert [claim.id for claim in CLAIMS] == [f"C{k + 1}" for k in range(len(CLAIMS))]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_claim_holds_on_the_structure_the_paper_describes_in_every_run(verdicts, claim):
    verdict = of(verdicts, claim.id)
    assert (verdict.outcome, verdict.reason) == (Outcome.REPLICATES, "")
    assert (verdict.runs_held, verdict.runs) == (3, 3)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_claim_fails_on_its_control(replicated, claim):
    library = Library(replicated)
    control = {
        key: replace(
            weights,
            final=Parameters(
                W=np.stack([n.W for n in built]).astype(np.float32),
                b=np.stack([n.b for n in built]).astype(np.float32),
            ),
        )
        for key, weights in replicated.items()
        if (built := controls_of(claim, library, key, weights))
    }
    assert of(judge(replicated | control, [claim]), claim.id).outcome != Outcome.REPLICATES


def controls_of(claim, library, key, weights):
    """Return the controls of all runs of a cell, if the claim is about it."""
    repetitions = library.repetitions(claim)
    cell = weights.cell
    place = [
        k
        for k, network in enumerate(repetitions[BEST])
        if network.model == cell.model.model
        and network.density == cell.features.feature_probability[0]
        and key.startswith(network.experiment)
    ]
    if not place:
        return []
    return [claim.control.build(repetitions[r][place[0]], library) for r in range(3)]


def test_no_control_fits_its_claim(verdicts):
    assert not any(verdict.control_fits or verdict.control_held for verdict in verdicts)
    assert "none fits" in claims.table(verdicts)


def test_an_untrained_start_replicates_nothing(replicated):
    random = np.random.default_rng(0)
    untrained = replicated
    for key, weights in replicated.items():
        _, m, n = weights.W.shape
        untrained = altered(
            untrained,
            key,
            W=lambda W, s=(2 / (m + n)) ** 0.5: (s * random.standard_normal(W.shape)).astype("f4"),
            b=np.zeros_like,
        )
    assert {verdict.outcome for verdict in judge(untrained)} == {Outcome.DEVIATES}


def test_a_claim_about_the_best_solution_is_decided_by_the_run_with_the_lowest_loss(replicated):
    def spoil(run):
        def change(W):
            W[run] = 0
            return W

        return altered(replicated, "intro/relu_p1", W=change)

    other, best = of(judge(spoil(0)), "C1"), of(judge(spoil(1)), "C1")
    assert (other.outcome, other.runs_held) == (Outcome.REPLICATES, 2)
    assert (best.outcome, best.runs_held) == (Outcome.DEVIATES, 2)


def with_pairs(replicated, pairs):
    """Return the weights with this many pairs in the three runs at 1 − S = 0.03; run 1 is best."""

    def change(W):
        return np.stack([ideal.tower(5 - k, k) for k in pairs]).astype(np.float32)

    return altered(replicated, "demonstration/relu_p0.03", W=change)


def test_a_claim_about_the_figure_is_decided_by_the_median_of_all_runs(replicated):
    best_differs = of(judge(with_pairs(replicated, (5, 3, 5)), [the("C9")]), "C9")
    only_best = of(judge(with_pairs(replicated, (3, 5, 3)), [the("C9")]), "C9")
    assert (best_differs.outcome, best_differs.runs_held) == (Outcome.REPLICATES, 2)
    assert (only_best.outcome, only_best.runs_held) == (Outcome.DEVIATES, 1)
    assert best_differs.judged_on == only_best.judged_on == Reading.TYPICAL


def test_the_reading_is_data_of_the_claim_and_decides_alone(replicated):
    weights = with_pairs(replicated, (5, 3, 5))
    claim = the("C9")
    best = replace(claim, basis=Basis(Reading.LOWEST_LOSS, "For once."))
    (typical_verdict,), (best_verdict,) = judge(weights, [claim]), judge(weights, [best])
    assert typical_verdict.outcome == Outcome.REPLICATES
    assert best_verdict.outcome == Outcome.DEVIATES
    assert typical_verdict.checks[0].measured == best_verdict.checks[0].other == (2, 4, 5)
    assert typical_verdict.checks[0].other == best_verdict.checks[0].measured == (2, 4, 3)


def test_the_lowest_loss_run_is_shown_beside_the_median_where_it_is_not_as_expected(replicated):
    verdicts = judge(with_pairs(replicated, (5, 3, 5)), [the("C9")])
    assert "median of 3 runs" in claims.table(verdicts)
    assert "(lowest-loss run: 2, 4, 3)" in claims.table(verdicts)
    assert "2, 4, 5 (lowest-loss run: 2, 4, 3)" in claims.to_markdown(verdicts)
    rows = list(csv.DictReader(io.StringIO(claims.to_csv(verdicts))))
    assert {row["judged_on"] for row in rows} == {"typical run"}
    assert [row["other_reading"] for row in rows[:3]] == ["2", "4", "3"]
    assert [row["other_within"] for row in rows[:3]] == ["True", "True", "False"]


def test_only_one_value_is_shown_where_both_readings_are_as_expected(verdicts):
    assert "(lowest-loss run" not in claims.table(verdicts)
    assert "(median of" not in claims.table(verdicts)


def test_steps_between_densities_are_taken_between_medians_and_not_within_runs(replicated):
    shapes = ((0, 5, 2), (0, 5, 1), (0, 5, 1))

    def change(order):
        return lambda W: np.stack([ideal.tower(*shapes[k]) for k in order]).astype(np.float32)

    changed = altered(replicated, "demonstration/relu_p0.01", W=change((0, 1, 2)))
    changed = altered(changed, "demonstration/relu_p0.003", W=change((1, 0, 2)))
    (verdict,) = judge(changed, [the("C7")])
    assert (verdict.outcome, verdict.runs_held) == (Outcome.REPLICATES, 2)


def test_a_control_is_read_as_its_claim_is(replicated):
    linear = replicated["demonstration/linear_p0.01"].W

    def change(W):
        fitting = linear.copy()
        fitting[1] = 0
        return fitting

    claim = replace(
        the("C10"),
        checks=(Check("features", lambda network: (network.W != 0).any(), 1),),
    )
    best = replace(claim, basis=Basis(Reading.LOWEST_LOSS, "For once."))
    for density in ("0.01", "0.003", "0.001"):
        replicated = altered(replicated, f"demonstration/linear_p{density}", W=change)
    assert of(judge(replicated, [claim]), "C10").outcome == Outcome.VOID
    assert of(judge(replicated, [best]), "C10").outcome == Outcome.REPLICATES


@pytest.mark.parametrize(
    ("pairs", "told"), [((5, 5, 5), False), ((5, 3, 5), True), ((3, 3, 5), False)]
)
def test_a_finding_is_told_only_where_there_is_what_it_explains(replicated, pairs, told):
    verdicts = judge(with_pairs(replicated, pairs), [the("C9")])
    for text in (claims.table(verdicts), claims.to_markdown(verdicts), claims.to_json(verdicts)):
        assert ("much like a" in text) == told
        assert "ten million samples (0.14" not in " ".join(text.split())


def test_jittering_biases_are_explained_only_at_the_density_where_they_were_studied(replicated):
    def jitter(density):
        def change(b):
            b[1, 5:] *= 0.7
            return b

        changed = altered(replicated, f"demonstration/linear_p{density}", b=change)
        return of(judge(changed, [the("C5")]), "C5")

    studied, other = jitter("0.001"), jitter("0.01")
    assert studied.outcome == other.outcome == Outcome.DEVIATES
    assert any("cosine" in text for check in studied.checks for text in check.findings)
    assert not any(check.findings for check in other.checks)


def test_findings_are_about_cells_that_their_claims_look_at(replicated):
    library = Library(replicated)
    for claim in CLAIMS:
        cells = {(n.model, n.density) for n in library.repetitions(claim)[BEST]}
        for check in claim.checks:
            assert {finding.cell for finding in check.findings} <= cells


def test_a_finding_about_a_cell_that_is_not_there_is_not_told(replicated):
    absent = Finding(("relu", 0.5), "Never.")
    check = replace(CLAIMS[0].checks[0], low=9, high=9, findings=(absent,))
    (verdict,) = judge(replicated, [replace(CLAIMS[0], checks=(check,))])
    assert verdict.checks[0].findings == ()


def test_reports_say_on_what_each_claim_is_judged_and_why(verdicts):
    text = " ".join(claims.table(verdicts).split())
    for claim in CLAIMS:
        assert claim.basis.reason in text
        assert claim.basis.reason in claims.to_markdown(verdicts)


def test_the_reason_names_the_quantity_and_the_density_that_are_off(replicated):
    def collapse(W):
        W[:, :, 4] = 0
        return W

    verdict = of(judge(altered(replicated, "demonstration/linear_p0.03", W=collapse)), "C4")
    assert verdict.outcome == Outcome.DEVIATES
    assert "features with ‖W_i‖ > 0.9: outside for linear at 1 − S = 0.03" in verdict.reason
    assert "0.3" not in verdict.reason.replace("0.03", "")


def test_represented_features_that_are_not_the_most_important_contradict_the_linear_claim(
    replicated,
):
    def reverse(W):
        return W[:, :, ::-1].copy()

    changed = altered(replicated, "demonstration/linear_p1", W=reverse, b=lambda b: b[:, ::-1])
    assert of(judge(changed), "C4").outcome == Outcome.DEVIATES


def test_a_pentagon_without_negative_biases_is_not_the_papers(replicated):
    changed = altered(replicated, "intro/relu_p0.1", b=lambda b: b + 0.3)
    assert "largest bias" in of(judge(changed), "C3").reason


def test_more_features_in_a_denser_model_contradict_the_growth_with_sparsity(replicated):
    sparse = replicated["demonstration/relu_p0.01"].W
    changed = altered(replicated, "demonstration/relu_p0.1", W=lambda W: sparse)
    assert "smallest step to a sparser model: outside" in of(judge(changed), "C7").reason


def test_missing_cells_are_not_tested_and_named(replicated):
    few = {key: w for key, w in replicated.items() if "p0.003" not in key}
    verdict = of(judge(few), "C7")
    assert (verdict.outcome, verdict.runs) == (Outcome.NOT_TESTED, 0)
    assert verdict.reason == "no relu model at 1 − S = 0.003"


def test_a_claim_about_any_density_is_judged_on_those_that_there_are(replicated):
    few = {key: w for key, w in replicated.items() if key.endswith(("p1", "p0.01"))}
    verdict = of(judge(few), "C4")
    assert verdict.outcome == Outcome.REPLICATES
    assert verdict.cells == ("linear at 1 − S = 1", "linear at 1 − S = 0.01")


def test_densities_are_read_from_the_settings_and_not_from_names(replicated):
    renamed = {f"{key.split('_')[0]}_x{k}": w for k, (key, w) in enumerate(replicated.items())}
    assert judge(renamed) == judge(replicated)


def test_nothing_is_tested_without_weights():
    verdicts = judge({})
    assert {verdict.outcome for verdict in verdicts} == {Outcome.NOT_TESTED}
    assert "no relu model in experiment intro" in of(verdicts, "C1").reason
    assert f"0 of {len(CLAIMS)} claims replicate" in claims.table(verdicts)


def test_a_claim_whose_control_is_missing_is_not_tested(replicated):
    relu = {key: w for key, w in replicated.items() if "/relu" in key}
    verdict = of(judge(relu), "C7")
    assert verdict.outcome == Outcome.NOT_TESTED
    assert "control" in verdict.reason


def test_hardly_trained_weights_are_not_judged():
    verdict = of(judge(ideal.intro(steps=300)), "C1")
    assert verdict.outcome == Outcome.NOT_TESTED
    assert "300 steps" in verdict.reason


def test_weights_of_another_problem_are_not_evidence():
    other = ideal.weights("relu", np.eye(3, 7), np.zeros(7), 1.0, 0.9)
    flat = ideal.weights("relu", np.eye(2, 5), np.zeros(5), 1.0, 1.0)
    steep = ideal.weights("linear", np.eye(5, 20), np.zeros(20), 1.0, 0.9)
    assert "n = 7, m = 3" in of(judge({"intro/relu_p1": other}), "C1").reason
    assert "does not fall" in of(judge({"intro/relu_p1": flat}), "C1").reason
    assert "not 0.7^i" in of(judge({"demonstration/linear_p1": steep}), "C4").reason


def test_a_claim_that_its_control_fits_as_well_is_void(replicated):
    empty = Claim(
        id="C0",
        section="None",
        anchor="",
        statement="There are weights.",
        basis=Basis(Reading.LOWEST_LOSS, "Any would do."),
        task=Task("intro", 5, 2),
        cells=(Cells("relu", (1.0,)),),
        checks=(Check("features", lambda network: network.W.shape[1], 5, 5),),
        control=SHUFFLED,
    )
    (verdict,) = judge(replicated, [empty])
    assert (verdict.outcome, verdict.control_fits) == (Outcome.VOID, True)
    assert "the control fits" in verdict.reason
    assert "1 void" in claims.table([verdict])


def test_a_statistic_without_a_value_is_outside_every_bound(replicated):
    undefined = replace(CLAIMS[0], checks=(Check("nothing", lambda network: float("nan")),))
    (verdict,) = judge(replicated, [undefined])
    assert verdict.outcome == Outcome.DEVIATES
    assert verdict.checks[0].measured == (None,)
    assert "undefined" in claims.table([verdict])


def test_controls_keep_what_they_should(replicated):
    library = Library(replicated)
    claim = the("C9")
    network = library.repetitions(claim)[BEST][0]
    scattered = claim.control.build(network, library)
    np.testing.assert_allclose(
        np.linalg.norm(scattered.W, axis=0), np.linalg.norm(network.W, axis=0), atol=1e-12
    )
    shuffled = SHUFFLED.build(network, library)
    np.testing.assert_array_equal(np.sort(shuffled.b), np.sort(network.b))
    again = SHUFFLED.build(network, library)
    np.testing.assert_array_equal(shuffled.W, again.W)


def test_a_control_that_gives_nothing_leaves_the_claim_untested(replicated):
    absent = replace(CLAIMS[0], control=Control("what is not there", lambda network, library: None))
    (verdict,) = judge(replicated, [absent])
    assert verdict.reason == "its control, what is not there, is not there"


def test_verdicts_are_the_same_bytes_whatever_the_order_of_the_weights(replicated, verdicts):
    backwards = dict(reversed(replicated.items()))
    assert claims.to_json(judge(backwards)) == claims.to_json(verdicts)


def test_verdicts_survive_the_json_file(tmp_path, verdicts):
    claims.write_all(verdicts, tmp_path)
    assert claims.read_json(tmp_path / "claims.json") == verdicts
    assert json.loads((tmp_path / "claims.json").read_text(encoding="utf-8"))[0]["id"] == "C1"


def test_csv_has_one_row_per_quantity_and_cell(verdicts):
    rows = list(csv.DictReader(io.StringIO(claims.to_csv(verdicts))))
    counts = [row for row in rows if row["claim"] == "C7" and "0.95" in row["quantity"]]
    assert [row["measured"] for row in counts] == ["5", "7", "9", "10", "11", "12", "12"]
    assert {row["source"] for row in counts} == {"fig"}
    assert [row["control"] for row in counts] == ["5"] * 7


def test_csv_keeps_claims_that_were_not_tested():
    rows = list(csv.DictReader(io.StringIO(claims.to_csv(judge({})))))
    assert [row["claim"] for row in rows] == [claim.id for claim in CLAIMS]
    assert rows[0]["measured"] == ""


@pytest.mark.parametrize("width", [100, 120])
def test_table_fits_the_terminal_and_ends_with_a_summary(verdicts, width):
    lines = claims.table(verdicts, width).splitlines()
    assert max(map(len, lines)) <= width
    assert f"{len(CLAIMS)} of {len(CLAIMS)} claims replicate" in lines[-2]


def test_markdown_shows_what_was_measured_beside_what_was_expected(verdicts):
    row = next(
        line for line in claims.to_markdown(verdicts).splitlines() if line.startswith("| C7 ")
    )
    assert "5, 7, 9, 10, 11, 12, 12" in row
    assert "5, 6–8, 8–10, 9–11, 10–12, 11–13, 11–13 (fig)" in row
    assert "3 of 3" in row
    assert row.replace("\\|", "").count("|") == 8


def test_readme_gets_the_table_between_its_markers_once(verdicts):
    brief = claims.to_brief_markdown(verdicts)
    text = "# A\n<!-- claims:start -->\noutdated\n<!-- claims:end -->\nB\n"
    once = claims.insert(text, "claims", brief, "README.md")
    assert claims.insert(once, "claims", brief, "README.md") == once
    assert once.startswith("# A\n<!-- claims:start -->\n\n**10 of 10")
    assert once.endswith("<!-- claims:end -->\nB\n")
    assert "outdated" not in once


def test_brief_table_has_a_line_for_each_claim(verdicts):
    lines = claims.to_brief_markdown(verdicts).splitlines()
    rows = [line for line in lines if line.startswith("| C")]
    assert len(rows) == len(verdicts)
    assert all(line.replace("\\|", "").count("|") == 5 for line in rows)
    assert "5, 7, 9, 10, 11, 12, 12" in rows[6]


@pytest.mark.parametrize(
    ("replicate", "deviate", "expected"),
    [
        (9, 1, "9 of 10 claims replicate, 1 deviates"),
        (8, 2, "8 of 10 claims replicate, 2 deviate"),
        (1, 9, "1 of 10 claims replicates, 9 deviate"),
        (0, 9, "0 of 10 claims replicate, 9 deviate, 1 not tested"),
        (10, 0, "10 of 10 claims replicate"),
    ],
)
def test_the_summary_is_a_sentence(verdicts, replicate, deviate, expected):
    outcomes = [Outcome.REPLICATES] * replicate + [Outcome.DEVIATES] * deviate
    outcomes += [Outcome.NOT_TESTED] * (10 - len(outcomes))
    told = [verdicts[0].model_copy(update={"outcome": outcome}) for outcome in outcomes]
    assert claims.summary(told) == expected
    ours = verdicts[0].model_copy(update={"ours": True, "outcome": Outcome.DEVIATES})
    assert claims.summary([*told, ours]) == f"{expected}; 0 of 1 observations of ours hold"


def test_text_without_markers_is_explained():
    with pytest.raises(UserError, match=r"README\.md has no place for the claims"):
        claims.insert("# A\n", "claims", "table", "README.md")


def test_a_foreign_claims_file_is_refused_with_advice(tmp_path):
    (tmp_path / "claims.json").write_text('[{"id": 3}]', encoding="utf-8")
    with pytest.raises(UserError, match="Delete it and run make"):
        claims.read_json(tmp_path / "claims.json")
    with pytest.raises(UserError, match="Run make"):
        claims.read_json(tmp_path / "none.json")
