"""The documents' claims as data, what measures each, and the ledger of what was found."""
