// What a check throws: why something is refused, and where.

export class Fault extends Error {
  // `reason` names a sentence of words.json where there is one in both languages; `place` is a file, leaf or slot.
  constructor(message, place = "", reason = null) {
    super(place ? `${place}: ${message}` : message);
    this.reason = reason;
    this.place = place;
  }
}

export function demand(condition, message, place, reason) {
  if (!condition) throw new Fault(message, place, reason);
}
