"""One file per check; an assignment names them by file name, and each holds one `CHECK`.

To add a check: write a file here (its inputs, reference, tolerance with its reason, and the
mistakes it can explain; see `grading.check.Check`), and name it in a file of `grading/assignments`.
Test that the reference agrees with arithmetic by hand, and that every mistake is recognised.
"""
