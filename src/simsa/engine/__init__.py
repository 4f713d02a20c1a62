"""The science: arrays in, frozen results out. No input or output, no state, no random number that was not handed in."""
