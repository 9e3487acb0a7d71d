"""The parts of the report, one file each: `section(results, numbers) -> Section`."""
