"""How far a training is, as its log says it."""

from experiments.progress import told


def test_a_long_training_says_every_ten_seconds_how_much_is_left(capsys):
    moments = iter([100.0, 104.0, 110.0, 119.0, 130.0, 150.0])
    report = told("rcv1 sgd", lambda: next(moments))
    for share in (0.1, 0.25, 0.4, 0.5, 1.0):
        report(share)
    assert capsys.readouterr().err.splitlines() == [
        "rcv1 sgd: 25% trained, about 30 s left",  # 10 s for a quarter
        "rcv1 sgd: 50% trained, about 30 s left",
    ]
