"""Tables of the scores in Markdown, and docs/quality.md, whose prose is kept and whose tables are put in between markers:
<!-- begin NAME --> ... <!-- end NAME -->"""
import math
import re

import numpy as np

import plot
from baselines import BUDGETS
from optimisers import is_ours
from paths import DOCUMENT, PLOT
from problems import CORE, FULL, HELD_OUT
from score import KINDS

PARALLEL = ("hartmann6-d6-i1", "seed-cnn-v0")  # where the peers were run with workers


def _markdown(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def _seeds(low, high):
    return str(low) if low == high else f"{low}-{high}"


def _strong(text, yes):
    return f"**{text}**" if yes else text


def score_table(scores, score, b, problems):
    """One table: a row per optimiser, a column per kind of problem, the best of a column in bold."""
    rows, shared = scores.table(score, b, problems)
    if not rows:
        return ""
    kinds = list(rows[0].by_kind)
    counts = {kind: sum(scores.baselines[p]["kind"] == kind for p in shared) for kind in kinds}
    least = {kind: min(row.by_kind[kind] for row in rows) for kind in kinds}
    lines = []
    for row in rows:
        interval = "one seed" if row.seeds[1] == 1 else f"{row.low:.3f}, {row.high:.3f}"
        cells = [_strong(f"{row.by_kind[kind]:.3f}", row.by_kind[kind] == least[kind]) for kind in kinds]
        lines.append([_strong(row.name, is_ours(row.name)), f"{row.mean:.3f} [{interval}]", f"{row.rank:.1f}", *cells,
                      _seeds(*row.seeds)])
    head = [f"{score} after {b}", f"all ({len(shared)}) [95%]", "rank", *[f"{KINDS[k]} ({counts[k]})" for k in kinds], "seeds"]
    return _markdown(head, lines)


def score_tables(scores, problems, budgets=BUDGETS, which=("RS",)):
    tables = [score_table(scores, score, b, problems) for score in which for b in budgets]
    return "\n\n".join(table for table in tables if table)


def against_best(scores, problems, ours="hposearch"):
    """Where `ours` stands to the best peer, by kind and budget."""
    lines = []
    for b in BUDGETS:
        rows, _ = scores.table("RS", b, problems)
        mine = next((row for row in rows if row.name == ours), None)
        peers = [row for row in rows if not is_ours(row.name)]
        if not mine or not peers:
            continue
        for kind in ("all", *mine.by_kind):
            def value(row):
                return row.mean if kind == "all" else row.by_kind[kind]
            best = min(peers, key=value)
            lines.append([str(b), KINDS.get(kind, kind), _strong(f"{value(mine):.3f}", value(mine) <= value(best)),
                          f"{value(best):.3f}", best.name])
    return _markdown(["trials", "problems", ours, "best peer", ""], lines) if lines else ""


def workers_table(scores, problems=PARALLEL):
    """NR when asynchronous random search is done, and makespan, by workers."""
    columns = [(1, "async")] + [(w, mode) for w in (3, 8, 32) for mode in ("sync", "async")]
    lines = []
    for name in scores.traces:
        cells = [scores.workers_row(name, problems, *column) for column in columns]
        if any(cells):
            lines.append([_strong(name, is_ours(name))] + [f"{c[0]:.3f} ({c[1]:.2f}x)" if c else "" for c in cells])
    return _markdown(["workers", *[str(w) if w == 1 else f"{w} {mode}" for w, mode in columns]], lines)


def extra_trials_table(scores):
    lines = []
    for name in scores.traces:
        for problems, label in ((list(CORE), "core"), (PARALLEL, "two problems")):
            cells = [[scores.extra_trials(name, problems, w, b) for b in (50, 100)] for w in (3, 8, 32)]
            if any(value is not None for cell in cells for value in cell):
                shown = [" / ".join("" if v is None else f"{v:.2f}" if math.isfinite(v) else "never" for v in cell)
                         for cell in cells]
                lines.append([_strong(name, is_ours(name)), label, *shown])
                break
    return _markdown(["", "problems", "3 workers", "8 workers", "32 workers"], lines)


def deciding_table(scores):
    lines = []
    for name in scores.traces:
        spent = scores.deciding(name)
        lines.append((np.mean(list(spent.values())) if spent else math.inf,
                      [_strong(name, is_ours(name)), *[f"{1e3 * spent[b]:.3g}" if b in spent else "" for b in (50, 100, 200)]]))
    return _markdown(["CPU ms per trial", "run of 50", "run of 100", "run of 200"], [line for _, line in sorted(lines)])


SECTIONS = {
    "core": lambda scores: score_tables(scores, list(CORE)),
    "against-best": lambda scores: against_best(scores, list(CORE)),
    "core-nr": lambda scores: score_tables(scores, list(CORE), which=("NR",)),
    "full": lambda scores: score_tables(scores, list(FULL)),
    "workers": workers_table,
    "extra-trials": extra_trials_table,
    "deciding": deciding_table,
    "held-out": lambda scores: score_tables(scores, list(HELD_OUT), (25, 50, 100)),
}


def put(text, name, content):
    """`text` with what stands between the markers of `name` replaced."""
    pattern = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
    assert pattern.search(text), f"no markers of {name} in the document"
    return pattern.sub(lambda match: f"{match[1]}\n{content}\n\n{match[2]}", text)


def write_document(scores):
    with open(DOCUMENT) as file:
        text = file.read()
    for name, section in SECTIONS.items():
        text = put(text, name, section(scores) or "No runs yet.")
    with open(DOCUMENT, "w") as file:
        file.write(text)
    with open(PLOT, "w") as file:
        file.write(plot.draw(scores, list(CORE)))
