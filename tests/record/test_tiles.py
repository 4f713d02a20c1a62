"""The layout of tlog-tiles: names as the specification writes them, every hash where a reader looks for it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.record.merkle import inclusion_proof, layers, leaf_hash, root_from, root_of, verify_inclusion
from simsa.record.tiles import LONGEST_ENTRY, WIDTH, Tile, TileError, entries_of, entry_bundle, nodes_from, tiles_of

LARGEST = 3 * WIDTH * WIDTH // 2
HASHES = [leaf_hash(str(n).encode()) for n in range(700)]
LAYERS = layers(HASHES)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0, WIDTH), "0/000"),
        (Tile(0, 1, 3), "0/001.p/3"),
        (Tile(1, 999, WIDTH), "1/999"),
        (Tile(0, 1000, WIDTH), "0/x001/000"),
        (Tile(0, 1234067, WIDTH), "0/x001/x234/067"),  # the example of c2sp.org/tlog-tiles
        (Tile(-1, 1234067, 255), "entries/x001/x234/067.p/255"),
        (Tile(5, 10**9, 1), "5/x001/x000/x000/000.p/1"),
    ],
)
def test_paths(tile: Tile, path: str) -> None:
    assert tile.path == path


def test_the_example_of_the_specification() -> None:
    """c2sp.org/tlog-tiles: a tree of size 70,000 has these tiles."""
    level0, level1, level2 = ([t for t in tiles_of(70_000) if t.level == level] for level in (0, 1, 2))
    assert [tile.index for tile in level0] == list(range(274))
    assert [tile.width for tile in level0] == [256] * 273 + [112]
    assert level0[-1].path == "0/273.p/112"
    assert [tile.path for tile in level1] == ["1/000", "1/001.p/17"]
    assert [tile.path for tile in level2] == ["2/000.p/1"]


@given(st.integers(0, LARGEST), st.integers(0, LARGEST))
def test_what_is_new_is_what_was_not_there(one: int, other: int) -> None:
    since, size = sorted((one, other))
    assert set(tiles_of(size, since)) == set(tiles_of(size)) - set(tiles_of(since))


@given(st.integers(1, LARGEST))
def test_tiles_hold_every_full_node_of_their_levels_once(size: int) -> None:
    tiles = list(tiles_of(size))
    for level in range(4):
        held = [tile.index * WIDTH + n for tile in tiles if tile.level == level for n in range(tile.width)]
        assert held == list(range(size >> 8 * level))
    assert sum(tile.width for tile in tiles if tile.level == -1) == size
    assert all(1 <= tile.width <= WIDTH for tile in tiles)


def served(tile: Tile) -> bytes:
    start = tile.index * WIDTH
    return b"".join(LAYERS[8 * tile.level][start : start + tile.width])


@settings(deadline=None)
@given(st.data(), st.integers(1, len(HASHES)))
def test_roots_and_proofs_from_tiles_are_those_from_leaves(draw: st.DataObject, size: int) -> None:
    asked: list[Tile] = []

    def tile(place: Tile) -> bytes:
        asked.append(place)
        return served(place)

    nodes, root = nodes_from(tile, size), root_of(HASHES[:size])
    assert root_from(nodes, size) == root
    index = draw.draw(st.integers(0, size - 1))
    verify_inclusion(HASHES[index], index, size, inclusion_proof(nodes, index, size), root)
    assert set(asked) <= set(tiles_of(size))  # and no tile that such a log does not have
    assert len(asked) == len(set(asked))


def test_a_tile_of_another_size_is_refused_by_its_path() -> None:
    for change in (lambda data: data[:-1], lambda data: data + bytes(32), lambda data: b""):
        nodes = nodes_from(lambda tile: change(served(tile)), 300)  # noqa: B023
        with pytest.raises(TileError, match=r"^tile/1/000\.p/1 has"):
            root_from(nodes, 300)


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_entries_are_read_back(entries: list[bytes]) -> None:
    bundle = entry_bundle(entries)
    assert entries_of(bundle, len(entries)) == entries
    for width in {0, 1, len(entries) + 1, 256} - {len(entries)}:
        with pytest.raises(TileError):
            entries_of(bundle, width)
    if entries:
        with pytest.raises(TileError):
            entries_of(bundle[:-1], len(entries))


def test_an_entry_has_a_longest() -> None:
    assert entries_of(entry_bundle([bytes(LONGEST_ENTRY)]), 1) == [bytes(LONGEST_ENTRY)]
    with pytest.raises(ValueError, match="65,535"):
        entry_bundle([bytes(LONGEST_ENTRY + 1)])
