"""Where bytes come from: registry, mirrors, checks, readers, stand-ins.

Start at `data.prepare.prepare` (fetch and convert one dataset) and `data.prepared.open_prepared`
(map what was converted). One dataset is one file of this folder that registers itself.
"""
