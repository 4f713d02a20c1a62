// Exact fractions.

import { demand } from "./faults.js";

const magnitude = (n) => (n < 0n ? -n : n);

function gcd(a, b) {
  while (b) [a, b] = [b, a % b];
  return a;
}

export class Rational {
  // In lowest terms, the denominator above 0.
  constructor(numerator, denominator) {
    this.n = numerator;
    this.d = denominator;
  }

  static of(numerator, denominator = 1n) {
    if (denominator === 1n) return new Rational(numerator, 1n);
    const common = gcd(magnitude(numerator), magnitude(denominator));
    const sign = denominator < 0n ? -1n : 1n;
    return new Rational((sign * numerator) / common, (sign * denominator) / common);
  }

  plus(other) {
    if (this.d === other.d) return Rational.of(this.n + other.n, this.d);
    return Rational.of(this.n * other.d + other.n * this.d, this.d * other.d);
  }

  minus(other) {
    return this.plus(new Rational(-other.n, other.d));
  }

  times(other) {
    return Rational.of(this.n * other.n, this.d * other.d);
  }

  over(other) {
    return Rational.of(this.n * other.d, this.d * other.n);
  }

  compare(other) {
    const difference = this.n * other.d - other.n * this.d;
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }

  equals(other) {
    return other !== null && this.n === other.n && this.d === other.d;
  }

  get zero() {
    return this.n === 0n;
  }

  // The shortest decimal, or `numerator/denominator`.
  get text() {
    if (this.d === 1n) return String(this.n);
    let [rest, twos, fives] = [this.d, 0, 0];
    for (; rest % 2n === 0n; rest /= 2n) twos += 1;
    for (; rest % 5n === 0n; rest /= 5n) fives += 1;
    if (rest !== 1n) return `${this.n}/${this.d}`;
    const places = Math.max(twos, fives);
    const digits = String((magnitude(this.n) * 10n ** BigInt(places)) / this.d).padStart(places + 1, "0");
    return `${this.n < 0n ? "-" : ""}${digits.slice(0, -places)}.${digits.slice(-places)}`;
  }
}

export const ZERO = Rational.of(0n);
export const ONE = Rational.of(1n);
export const whole = (number) => Rational.of(BigInt(number));
export const least = (a, b) => (a.compare(b) <= 0 ? a : b);
export const greatest = (a, b) => (a.compare(b) >= 0 ? a : b);
export const sum = (numbers) => numbers.reduce((total, number) => total.plus(number), ZERO);

const LONGEST = 2000; // characters of a number
const DECIMAL = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]*[1-9]))?$/;
const FRACTION = /^-?[1-9][0-9]*\/[1-9][0-9]*$/;

// A number of the rules, inputs or marks: the shortest decimal.
export function parseDecimal(text, place) {
  const found = typeof text === "string" && text !== "-0" && text.length <= LONGEST ? DECIMAL.exec(text) : null;
  demand(found, `${JSON.stringify(text)} is not a number in its shortest decimal form`, place);
  const [, sign, integer, fraction = ""] = found;
  return Rational.of(BigInt(`${sign}${integer}${fraction}`), 10n ** BigInt(fraction.length));
}

// Any number: a fraction in lowest terms where there is no decimal.
export function parseNumber(text, place) {
  if (typeof text !== "string" || text.length > LONGEST || !FRACTION.test(text)) return parseDecimal(text, place);
  const [numerator, denominator] = text.split("/").map(BigInt);
  const number = Rational.of(numerator, denominator);
  demand(number.text === text, `${text} is not in lowest terms, or a decimal`, place);
  return number;
}

// `rounding`: {places, mode} or null for none.
export function rounded(value, rounding) {
  if (!rounding) return value;
  const unit = 10n ** BigInt(rounding.places);
  const scaled = magnitude(value.n) * unit;
  let units = scaled / value.d;
  const twice = 2n * (scaled % value.d);
  const tie = twice === value.d;
  if (rounding.mode !== "down" && (twice > value.d || (tie && (rounding.mode === "half_up" || units % 2n === 1n)))) {
    units += 1n;
  }
  return Rational.of(value.n < 0n ? -units : units, unit);
}

export function limited(value, lower, upper) {
  const raised = lower ? greatest(value, lower) : value;
  return upper ? least(raised, upper) : raised;
}
