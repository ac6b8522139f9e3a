"""Rules about modules and the files of a configuration."""
