"""Personal data: sealed with one key per case, found by blind index, revealed only with a log line."""
