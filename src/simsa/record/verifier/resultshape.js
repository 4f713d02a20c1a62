// What a stated result has to look like, whatever it says.

import { demand } from "./faults.js";
import { parseNumber } from "./rationals.js";
import { isCount, isList, isObject, isText, keys } from "./shapes.js";

export const ZONES = ["certain", "tie", "out"];
const OUTCOMES = ["selected", "reserve", "not_selected"];
const CAUSES = ["rank", "tie_break", "lot", "no_result", "threshold", "award_floor", "certain", "lottery", "out"];

const orNull = (check) => (value) => value === null || check(value);
const among = (words) => (value) => words.includes(value);
const isTexts = (value) => isList(value) && value.every(isText);

function isNumber(value) {
  if (isText(value)) parseNumber(value, "the result");
  return isText(value);
}

const isNumbers = (value) => isObject(value) && Object.values(value).every(orNull(isNumber));

const REASON = {
  cause: among(CAUSES),
  rank: orNull(isCount),
  size: isCount,
  places: isCount,
  score: orNull(isNumber),
  line: orNull(isNumber),
  criterion: orNull(isText),
  limit: orNull(isNumber),
  position: orNull(isCount),
  tied_with: isTexts,
  tied: isCount,
  shared: isCount,
  drawn: isCount,
  tally: orNull(isNumber),
  tally_rank: orNull(isCount),
};
const STANDING = {
  entry: isText,
  group: isText,
  outcome: among(OUTCOMES),
  rank: orNull(isCount),
  score: orNull(isNumber),
  reason: isObject,
  values: isNumbers,
  exact: isNumbers,
  calibrated: orNull(isNumber),
  zone: orNull(among(ZONES)),
};
const GROUP = { group: isText, size: isCount, places: isCount, empty: isCount, line: orNull(isNumber) };

function shaped(value, kinds, place) {
  keys(value, Object.keys(kinds), place);
  for (const [key, check] of Object.entries(kinds)) demand(check(value[key]), `${key} is not as it should be`, place);
}

export function resultShape({ standings, groups, lots }, place) {
  demand(isList(standings) && isList(groups) && isList(lots), "is not as it should be", place);
  standings.forEach((one, n) => {
    shaped(one, STANDING, `${place}, standing ${n}`);
    shaped(one.reason, REASON, `${place}, reason of standing ${n}`);
  });
  groups.forEach((one, n) => shaped(one, GROUP, `${place}, group ${n}`));
  demand(lots.every(isTexts), "has lots that are no lists", place);
}
