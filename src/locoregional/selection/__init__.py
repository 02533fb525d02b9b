"""Which procedure for which lesion: rules as data, read against a case."""
