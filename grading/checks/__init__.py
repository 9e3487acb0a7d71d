"""One file per check; an assignment names them by file name, and each holds one `CHECK`."""
