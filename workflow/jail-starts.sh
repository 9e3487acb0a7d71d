#!/usr/bin/env bash
# Succeed where bubblewrap can build a jail for this user; say why not on standard error.
exec bwrap --unshare-all --ro-bind / / true
