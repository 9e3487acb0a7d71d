"""What `make bench` measures: time and memory, with the machine and versions beside."""
