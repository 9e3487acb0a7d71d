"""The first screen: did Adagrad beat SGD, what holds, what does not, on which data."""

from __future__ import annotations

from datetime import datetime

from reports.blocks import Notice, Paragraph, Pieces, Ref, Section, Tally, Text, say
from reports.number import Numbers, slug
from reports.numbers import FINDINGS
from reports.results import Results
from reports.runs import Contest, contests, groups_of
from reports.sections.origin import data_line, stand_ins
from reports.sections.tables import range_notes
from reports.tidy import Missing


def section(results: Results, numbers: Numbers) -> Section:
    """The answer, the tally of verdicts, and the stamp."""
    tally = Tally(tuple((finding, f"verdicts.{slug(finding)}") for finding in FINDINGS))
    blocks = [
        *stand_in_notice(results),
        *answer(results, numbers),
        Paragraph(
            say(
                "{verdicts.all} claims of the documents were checked; {statements.all} statements "
                "of the exercises, their written proofs and the rules were verified beside them. "
                "Of the claims:"
            )
        ),
        tally,
        Paragraph(stamp(results)),
    ]
    return Section("answer", "The answer", tuple(blocks))


def stand_in_notice(results: Results) -> list[Notice]:
    """Said first where any data are generated."""
    names = stand_ins(results)
    if not names:
        return []
    words = (
        "No real data could be used for {names}. Generated data of the same shape stand in. "
        "Numbers from them show that the programs work; they say nothing about the data that the "
        "documents used."
    )
    return [Notice("Stand-in data", say(words, names=", ".join(names)))]


def answer(results: Results, numbers: Numbers) -> list[Paragraph]:
    """One sentence on the printed protocol, one on each learning rate that both ran."""
    read = results.runs_of("rcv1")
    found = contests(groups_of(results, "rcv1"))
    printed = [contest for contest in found if contest.rate is None]
    shared = [contest for contest in found if contest.rate is not None]
    if not printed:
        reason = (
            read.reason if isinstance(read, Missing) else "SGD or Adagrad was not run as printed"
        )
        words = "Whether Adagrad beats SGD on RCV1 is not known here. Missing: {reason}."
        return [Paragraph(say(words, reason=reason), lead=True)]
    paragraphs = [Paragraph(printed_sentence(printed[0], numbers, results), lead=True)]
    if shared:
        pieces: Pieces = ()
        for contest in shared:
            pieces += rate_sentence(contest, numbers)
        paragraphs.append(Paragraph(pieces))
    return paragraphs


_WINNER = {
    "adagrad": "Adagrad beat SGD",
    "sgd": "SGD beat Adagrad",
    "neither": "Adagrad and SGD cannot be told apart",
}


def outcome(contest: Contest, numbers: Numbers) -> str:
    """ "adagrad", "sgd" or "neither": whose loss is lower by an interval that leaves out zero.

    With one seed there is no interval, and the single difference decides.
    """
    ends = [numbers.get(f"{contest.name}.gap.{part}") for part in ("low", "high")]
    values = [end.value for end in ends if end is not None and end.value is not None]
    if len(values) < 2:
        middle = numbers[f"{contest.name}.gap.median"].value
        values = [0.0 if middle is None else middle]
    if min(values) > 0:
        return "adagrad"
    return "sgd" if max(values) < 0 else "neither"


def printed_sentence(contest: Contest, numbers: Numbers, results: Results) -> Pieces:
    """Who won as printed, by how much, under which protocol."""
    rcv1 = "the RCV1 stand-in" if "RCV1" in stand_ins(results) else "RCV1"
    words = (
        "{winner} on {rcv1} as the assignment ran it: "
        "after {rcv1.epochs} epochs at batch size {rcv1.batch}, Adagrad at learning rate {rate_a} "
        "ended at a training loss of {loss_a}, and SGD at {rate_s} at {loss_s}"
    )
    low = numbers.get(f"{contest.name}.gap.low")
    if low is not None and low.value is not None:
        words += (
            ". The difference is {gap} ({interval.level} interval {low} to {high}, {seeds} seeds)."
        )
    else:
        words += ". One seed or none was run by both, so there is no interval."
    told = say(
        words,
        winner=_WINNER[outcome(contest, numbers)],
        rcv1=rcv1,
        rate_a=Ref(f"{contest.adagrad.name}.hyper.lr"),
        rate_s=Ref(f"{contest.sgd.name}.hyper.lr"),
        loss_a=Ref(f"{contest.adagrad.name}.train-loss.median"),
        loss_s=Ref(f"{contest.sgd.name}.train-loss.median"),
        gap=Ref(f"{contest.name}.gap.median"),
        low=Ref(f"{contest.name}.gap.low"),
        high=Ref(f"{contest.name}.gap.high"),
        seeds=Ref(f"{contest.name}.seeds"),
    )
    if low is None or low.value is None:
        return told
    return told + tuple(
        piece
        for note in range_notes([f"{contest.name}.seeds"], numbers)
        for piece in (Text(" "), *note)
    )


def rate_sentence(contest: Contest, numbers: Numbers) -> Pieces:
    """Who won at one learning rate for both."""
    words = "With learning rate {rate} for both, {winner}: {loss_a} for Adagrad, {loss_s} for SGD. "
    return say(
        words,
        winner=_WINNER[outcome(contest, numbers)],
        rate=Ref(f"{contest.name}.rate"),
        loss_a=Ref(f"{contest.adagrad.name}.train-loss.median"),
        loss_s=Ref(f"{contest.sgd.name}.train-loss.median"),
    )


def stamp(results: Results) -> Pieces:
    """Data, version and date, in one line; what is missing says so."""
    names = sorted({group.dataset for group in groups_of(results, "rcv1")}) or ["rcv1"]
    lines = [data_line(results, name) for name in names]
    provenance = results.provenance
    if isinstance(provenance, Missing):
        lines.append(f"Version and date: missing ({provenance.reason})")
    else:
        for key, title in (
            ("project_version", "Version"),
            ("commit", "Commit"),
            ("finished", "Measured"),
        ):
            lines.append(f"{title}: {_dated(provenance.get(key) or 'missing')}")
    return (Text(". ".join(lines) + "."),)


def _dated(value: object) -> str:
    """A moment to the minute; anything else as it stands."""
    try:
        return f"{datetime.fromisoformat(str(value)):%Y-%m-%d %H:%M %Z}".strip()
    except ValueError:
        return str(value)
