"""The engine's inner loops, written over any rule; `optim.compiled` joins one with a rule."""
