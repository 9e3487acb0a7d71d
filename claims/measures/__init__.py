"""What can be measured for a claim: functions over result files, one small file a family."""
