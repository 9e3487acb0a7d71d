"""Where files come from: own copies, cache, mirrors, official addresses."""
