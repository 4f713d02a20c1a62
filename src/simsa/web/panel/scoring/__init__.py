"""The reviewer's place: own slots of a round in their running order, and the sheet beside its entry."""
