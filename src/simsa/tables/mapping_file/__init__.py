"""TOML to `RoundMap`: the shape of a round.toml, every fault named with its line."""

from simsa.tables.mapping_file.parsing import FORMAT, MAPPING, load_mapping, parse_mapping

__all__ = [
    "FORMAT",
    "MAPPING",
    "load_mapping",
    "parse_mapping",
]
