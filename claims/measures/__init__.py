"""What can be measured for a claim: functions over result files, one small file a family.

Each raises MissingResult where a result that it reads is not there, with the file and what makes
it, which the ledger gives as the claim's reason, and ClaimError where its arguments make no sense.
"""
