// Formulas over reported numbers and declared constants, as the format lays them down: text to a tree, the tree in its
// one spelling, and its value. A tree is [kind, ...parts].

import { demand } from "./faults.js";
import { Rational, ZERO, greatest, least, parseDecimal, rounded } from "./rationals.js";

export const NOT_SUBMITTED = "not_submitted";
export const NOT_APPLICABLE = "not_applicable";

const LONGEST = 1000; // characters
const DEEPEST = 20; // brackets, functions and signs within one another
const MOST = 100; // numbers and names
const LONGEST_NUMBER = 30;
const LARGEST = 10n ** 300n; // numerators and denominators stay below
const FUNCTIONS = ["min", "max", "round", "if"];
// Of the order of two numbers: -1, 0 or 1.
const HOLDS = {
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
  "=": (order) => order === 0,
  "!=": (order) => order !== 0,
};
const WORD = /^[A-Za-z_\uac00-\ud7a3\u4e00-\u9fff][A-Za-z0-9_\uac00-\ud7a3\u4e00-\u9fff]*/u;
const NUMBER = /^[0-9]+(\.[0-9]+)?/;
const QUOTED = /^\[([^[\]\r\n]+)\]/u;
const SIGN = /^(<=|>=|!=|[-+*/(),<>=])/;

// Whether a name can stand in a formula without brackets.
export const isWord = (name) => WORD.exec(name)?.[0] === name && !FUNCTIONS.includes(name);

// The tree of a formula that is written in its one spelling.
export function parseFormula(text, place) {
  demand([...text].length <= LONGEST, `has more than ${LONGEST} characters`, place);
  const tree = new Parser(text, place).whole();
  demand(spelling(tree) === text, "is not in its one spelling", place);
  return tree;
}

function spelling(tree) {
  const [kind, a, b, c, d, e] = tree;
  if (kind === "number") return a.text;
  if (kind === "name") return isWord(a) ? a : `[${a}]`;
  if (kind === "minus") return `-${within(a, 4)}`;
  if (kind === "round") return `round(${spelling(a)}, ${b})`;
  if (kind === "if") return `if(${spelling(b)} ${a} ${spelling(c)}, ${spelling(d)}, ${spelling(e)})`;
  if (kind === "min" || kind === "max") return `${kind}(${tree.slice(1).map(spelling).join(", ")})`;
  return `${within(a, strength(tree))} ${kind} ${within(b, strength(tree) + 1)}`;
}

// How strongly what is written holds together.
const strength = ([kind]) => ({ "+": 1, "-": 1, "*": 2, "/": 2, minus: 3 })[kind] ?? 4;
const within = (tree, wanted) => (strength(tree) < wanted ? `(${spelling(tree)})` : spelling(tree));

class Parser {
  constructor(text, place) {
    this.place = place;
    this.rest = text;
    this.deep = 0;
    this.leaves = 0;
  }

  whole() {
    const tree = this.sum();
    demand(this.rest === "", "goes on after its end", this.place);
    return tree;
  }

  // The match of a pattern at what comes next, which is then behind; null if it does not match.
  take(pattern) {
    const found = pattern.exec(this.rest);
    if (found) this.rest = this.rest.slice(found[0].length).replace(/^ +/, "");
    return found;
  }

  next(...signs) {
    const found = SIGN.exec(this.rest)?.[0];
    if (found === undefined || !signs.includes(found)) return null;
    this.take(SIGN);
    return found;
  }

  must(...signs) {
    const found = this.next(...signs);
    demand(found !== null, `has no ${signs.join(" ")} where it should be`, this.place);
    return found;
  }

  deeper(read) {
    this.deep += 1;
    demand(this.deep <= DEEPEST, "is nested too deeply", this.place);
    const tree = read();
    this.deep -= 1;
    return tree;
  }

  sum() {
    return this.chain(["+", "-"], () => this.chain(["*", "/"], () => this.signed()));
  }

  chain(signs, read) {
    let tree = read();
    for (let sign = this.next(...signs); sign !== null; sign = this.next(...signs)) tree = [sign, tree, read()];
    return tree;
  }

  signed() {
    return this.next("-") ? this.deeper(() => ["minus", this.operand()]) : this.operand();
  }

  operand() {
    const quoted = this.take(QUOTED);
    if (quoted) return this.leaf("name", quoted[1]);
    const number = this.take(NUMBER);
    if (number) {
      demand(number[0].length <= LONGEST_NUMBER, "has a number that is too long", this.place);
      return this.leaf("number", parseDecimal(number[0], this.place));
    }
    const word = this.take(WORD);
    if (word && !FUNCTIONS.includes(word[0])) return this.leaf("name", word[0]);
    this.must("(");
    return this.deeper(() => this.inBrackets(word?.[0]));
  }

  leaf(...leaf) {
    this.leaves += 1;
    demand(this.leaves <= MOST, `has more than ${MOST} numbers and names`, this.place);
    return leaf;
  }

  inBrackets(name) {
    let tree = this.sum();
    if (name === "if") tree = this.choice(tree);
    else if (name === "round") tree = this.rounding(tree);
    else if (name) {
      tree = [name, tree];
      do {
        this.must(",");
        tree.push(this.sum());
      } while (this.rest.startsWith(","));
    }
    this.must(")");
    return tree;
  }

  choice(left) {
    const parts = [left];
    const comparison = this.must(...Object.keys(HOLDS));
    parts.push(this.sum());
    for (let n = 0; n < 2; n += 1) {
      this.must(",");
      parts.push(this.sum());
    }
    return ["if", comparison, ...parts];
  }

  rounding(tree) {
    this.must(",");
    const places = this.take(/^(0|[1-9][0-9]?)(?![0-9.])/);
    demand(places && Number(places[0]) <= 12, "is rounded to no such places", this.place);
    return ["round", tree, Number(places[0])];
  }
}

// The value of a formula whose names are worth what `of` says: a Rational, or the word for why there is none.
export function evaluate(tree, of, place) {
  const value = computed(tree, of, place);
  const fits = !(value instanceof Rational) || (value.n < LARGEST && -value.n < LARGEST && value.d < LARGEST);
  demand(fits, "a formula comes to a number of more than 300 digits", place);
  return value;
}

function computed([kind, ...parts], of, place) {
  if (kind === "number") return parts[0];
  if (kind === "name") return of(parts[0]);
  const asked = kind === "if" ? parts.slice(1, 3) : parts.filter(Array.isArray);
  const all = asked.map((part) => evaluate(part, of, place));
  for (const why of [NOT_SUBMITTED, NOT_APPLICABLE]) if (all.includes(why)) return why;
  const [a, b] = all;
  if (kind === "if") return evaluate(HOLDS[parts[0]](a.compare(b)) ? parts[3] : parts[4], of, place);
  if (kind === "minus") return ZERO.minus(a);
  if (kind === "round") return rounded(a, { places: parts[1], mode: "half_up" });
  if (kind === "min") return all.reduce(least);
  if (kind === "max") return all.reduce(greatest);
  if (kind === "+") return a.plus(b);
  if (kind === "-") return a.minus(b);
  if (kind === "*") return a.times(b);
  return b.zero ? NOT_APPLICABLE : a.over(b);
}
