"""The first screen: did Adagrad beat SGD, what holds, what does not, on which data."""

from __future__ import annotations

from reports.blocks import Block, Notice, Paragraph, Pieces, Ref, Section, Tally, Text, say
from reports.language import N_, _, named
from reports.number import Numbers, slug
from reports.numbers import FINDINGS
from reports.results import Results
from reports.runs import Contest, contests, groups_of
from reports.sections.origin import data_line, dataset_title, stand_ins
from reports.sections.provenance import moment
from reports.sections.tables import range_notes
from reports.sections.telling import telling
from reports.tidy import Missing


def section(results: Results, numbers: Numbers) -> Section:
    """The answer, the tally of verdicts, and the stamp."""
    tally = Tally(tuple((finding, f"verdicts.{slug(finding)}") for finding in FINDINGS))
    blocks: list[Block] = [
        *stand_in_notice(results),
        *answer(results, numbers),
        Paragraph(stamp(results)),
        Paragraph(
            say(
                "{verdicts.all} claims of the documents were checked; {statements.all} statements "
                "of the exercises, their written proofs and the rules were verified beside them. "
                "Of the claims:"
            )
        ),
        tally,
        *telling(results),
    ]
    return Section("answer", _("The answer"), tuple(blocks))


def stand_in_notice(results: Results) -> list[Notice]:
    """Said first where any data are generated."""
    names = stand_ins(results)
    if not names:
        return []
    words = say(
        "No real data could be used for {names}. Generated data of the same shape stand in. "
        "Numbers from them show that the programs work; they say nothing about the data that the "
        "documents used.",
        names=", ".join(names),
    )
    return [Notice(_("Stand-in data"), words)]


def answer(results: Results, numbers: Numbers) -> list[Paragraph]:
    """One sentence on the printed protocol, one on each learning rate that both ran."""
    found = contests(groups_of(results, "rcv1"))
    printed = [contest for contest in found if contest.rate is None]
    shared = [contest for contest in found if contest.rate is not None]
    reason = _why_unknown(results, printed, numbers)
    if reason:
        words = say(
            "Whether Adagrad beats SGD on RCV1 is not known here. Missing: {reason}.",
            reason=reason,
        )
    else:
        words = printed_sentence(printed[0], numbers, results)
    paragraphs = [Paragraph(words, lead=True)]
    if shared:
        pieces: Pieces = ()
        for contest in shared:
            pieces += (Text(" "), *rate_sentence(contest, numbers))
        paragraphs.append(Paragraph(pieces))
    return paragraphs


def _why_unknown(results: Results, printed: list[Contest], numbers: Numbers) -> str:
    """Why nobody can be said to have won as printed, or to have not; "" where it can be said."""
    runs = results.runs_of("rcv1")
    if isinstance(runs, Missing):
        return named(runs.reason)
    if not printed:
        return _("SGD or Adagrad was not run as printed")
    return named(numbers[f"{printed[0].name}.gap.median"].missing)


def outcome(contest: Contest, numbers: Numbers) -> str:
    """ "adagrad", "sgd" or "neither": whose loss is lower by an interval that leaves out zero.

    Where there is no interval, the median difference decides; "unknown" where there is none.
    """
    ends = [numbers.get(f"{contest.name}.gap.{part}") for part in ("low", "high")]
    values = [end.value for end in ends if end is not None and end.value is not None]
    if len(values) < 2:
        middle = numbers[f"{contest.name}.gap.median"].value
        if middle is None:
            return "unknown"
        values = [middle]
    if min(values) > 0:
        return "adagrad"
    return "sgd" if max(values) < 0 else "neither"


_PRINTED = {
    "adagrad": N_(
        "Adagrad beat SGD on {rcv1} as the assignment ran it: after {rcv1.epochs} epochs at batch "
        "size {rcv1.batch}, Adagrad at learning rate {rate_a} ended at a training loss of "
        "{loss_a}, and SGD at {rate_s} at {loss_s}."
    ),
    "sgd": N_(
        "SGD beat Adagrad on {rcv1} as the assignment ran it: after {rcv1.epochs} epochs at batch "
        "size {rcv1.batch}, Adagrad at learning rate {rate_a} ended at a training loss of "
        "{loss_a}, and SGD at {rate_s} at {loss_s}."
    ),
    "neither": N_(
        "Adagrad and SGD cannot be told apart on {rcv1} as the assignment ran it: after "
        "{rcv1.epochs} epochs at batch size {rcv1.batch}, Adagrad at learning rate {rate_a} ended "
        "at a training loss of {loss_a}, and SGD at {rate_s} at {loss_s}."
    ),
}


def printed_sentence(contest: Contest, numbers: Numbers, results: Results) -> Pieces:
    """Who won as printed, by how much, under which protocol."""
    generated = dataset_title("rcv1") in stand_ins(results)
    won = say(
        _PRINTED[outcome(contest, numbers)],
        rcv1=_("the RCV1 stand-in") if generated else dataset_title("rcv1"),
        rate_a=Ref(f"{contest.adagrad.name}.hyper.lr"),
        rate_s=Ref(f"{contest.sgd.name}.hyper.lr"),
        loss_a=Ref(f"{contest.adagrad.name}.train-loss.median"),
        loss_s=Ref(f"{contest.sgd.name}.train-loss.median"),
    )
    return won + tuple(
        piece for sentence in _certainty(contest, numbers) for piece in (Text(" "), *sentence)
    )


def _certainty(contest: Contest, numbers: Numbers) -> list[Pieces]:
    """The interval of the difference, and what it is; or why there is none."""
    low = numbers.get(f"{contest.name}.gap.low")
    if low is None or numbers[f"{contest.name}.seeds"].value == 1:
        return [say("One seed or none was run by both, so there is no interval.")]
    if low.value is None:
        return [say("There is no interval: {reason}.", reason=named(low.missing))]
    gap = say(
        "The difference is {gap} ({interval.level} interval {low} to {high}, {seeds} seeds).",
        gap=Ref(f"{contest.name}.gap.median"),
        low=Ref(f"{contest.name}.gap.low"),
        high=Ref(f"{contest.name}.gap.high"),
        seeds=Ref(f"{contest.name}.seeds"),
    )
    return [gap, *range_notes([f"{contest.name}.seeds"], numbers)]


_AT_ONE_RATE = {
    "adagrad": N_(
        "With learning rate {rate} for both, Adagrad beat SGD: {loss_a} for Adagrad, {loss_s} for "
        "SGD."
    ),
    "sgd": N_(
        "With learning rate {rate} for both, SGD beat Adagrad: {loss_a} for Adagrad, {loss_s} for "
        "SGD."
    ),
    "neither": N_(
        "With learning rate {rate} for both, Adagrad and SGD cannot be told apart: {loss_a} for "
        "Adagrad, {loss_s} for SGD."
    ),
    "unknown": N_(
        "With learning rate {rate} for both it cannot be said which is better: {loss_a} for "
        "Adagrad, {loss_s} for SGD."
    ),
}


def rate_sentence(contest: Contest, numbers: Numbers) -> Pieces:
    """Who won at one learning rate for both."""
    return say(
        _AT_ONE_RATE[outcome(contest, numbers)],
        rate=Ref(f"{contest.name}.rate"),
        loss_a=Ref(f"{contest.adagrad.name}.train-loss.median"),
        loss_s=Ref(f"{contest.sgd.name}.train-loss.median"),
    )


def stamp(results: Results) -> Pieces:
    """Data, version and date, in one line; what is missing says so."""
    names = sorted({group.dataset for group in groups_of(results, "rcv1")}) or ["rcv1"]
    lines = [_("{line}.", line=data_line(results, name)) for name in names]
    given = results.provenance
    if isinstance(given, Missing):
        lines.append(_("Version and date: missing ({reason}).", reason=named(given.reason)))
    else:
        absent = _("missing")
        lines += [
            _("Version: {version}.", version=given.get("project_version") or absent),
            _("Commit: {commit}.", commit=given.get("commit") or absent),
            _("Measured: {moment}.", moment=moment(given.get("finished") or absent)),
        ]
    return (Text(" ".join(lines)),)
