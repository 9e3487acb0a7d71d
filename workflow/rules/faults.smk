# What a run that was killed, or a disk, left behind: stale locks and changed results.
import atexit

from alone import is_alone, other_run, remove_stale_locks
from intact import broken_results, open_memory, remember, remove

STATE = Path(".snakemake")
MEMORY = STATE / "regrad-results.json"


def results_kept() -> list[Path]:
    """Outputs that other jobs read, and whose change would go unnoticed.

    Not what `make bench` measured: no job makes it, and a later bench may change it.
    """
    datasets = [Path("results/data", name) for name in DATASETS]
    shards = Path("results/shards").glob("*/*/*.parquet")
    results = (Path(path) for path in RESULTS if path not in BENCHMARKS)
    return [*datasets, *shards, *results]


def look_after_results() -> None:
    """Before a run: remove what is broken, so that it is made anew; after it: remember."""
    if not is_alone(STATE):
        logger.warning(
            f"another run (process {other_run(STATE)}) is at work in this folder:"
            " wait for its end, or stop it"
        )
        return
    dry = workflow.output_settings.dryrun
    for output, reason in broken_results(results_kept(), MEMORY).items():
        logger.warning(
            f"{reason}: {output} {'would be' if dry else 'is'} removed, to be made anew"
        )
        if not dry:
            remove(output)
    if not dry:
        if remove_stale_locks(STATE):
            logger.warning("the last run here was killed; its locks are removed")
        open_memory(MEMORY)
        atexit.register(lambda: remember(results_kept(), MEMORY))


if workflow.is_main_process:
    try:
        look_after_results()
    except OSError as error:
        logger.warning(f"results cannot be looked after: {error}")
