"""The policy language: lossless parser, static checks, formatter, evaluator."""
