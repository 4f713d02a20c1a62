// What JSON has to look like: keys that are there and no others, and kinds of values.

import { compareTexts, isHex } from "./bytes.js";
import { demand } from "./faults.js";

export const isText = (value) => typeof value === "string";
export const isFilled = (value) => isText(value) && value !== "";
export const isList = Array.isArray;
export const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
export const isBoolean = (value) => value === true || value === false;
export const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
export const isDigest = (value) => isHex(value, 64);

export function keys(value, required, place, optional = []) {
  demand(isObject(value), "is not an object", place);
  for (const key of required) demand(key in value, `has no ${key}`, place);
  for (const key of Object.keys(value)) {
    demand(required.includes(key) || optional.includes(key), `has the unknown key ${JSON.stringify(key)}`, place);
  }
}

// A list of rows, each a list of `checks.length` values of these kinds.
export function rows(value, checks, place) {
  demand(isList(value), "is not a list", place);
  value.forEach((row, n) => {
    const fits = isList(row) && row.length === checks.length && checks.every((check, i) => check(row[i]));
    demand(fits, `row ${n} is not as it should be`, place);
  });
}

export const compareRows = (left, right, width) => {
  for (let i = 0; i < width; i += 1) {
    const difference = isText(left[i]) ? compareTexts(left[i], right[i]) : left[i] - right[i];
    if (difference) return difference;
  }
  return 0;
};

// Rows in ascending order of their first `width` values, none of which twice.
export function ascending(list, width, place) {
  for (let n = 1; n < list.length; n += 1) {
    demand(compareRows(list[n - 1], list[n], width) < 0, `row ${n} is not in its place, or there twice`, place);
  }
}

export const texts = (value, place) => {
  demand(isList(value) && value.every(isText), "is not a list of texts", place);
  ascending(value.map((text) => [text]), 1, place);
};
