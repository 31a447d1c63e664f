"""The version of the package, which files of weights name."""

VERSION = "0.1.0"
