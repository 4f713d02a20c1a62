// Canonical JSON (RFC 8785 without fractions): what is not written in the one way that there is, is refused.

import { decode, encode } from "./bytes.js";
import { Fault } from "./faults.js";

const DEEPEST = 100; // levels of lists and objects
const ESCAPES = { '"': '"', "\\": "\\", b: "\b", t: "\t", n: "\n", f: "\f", r: "\r" };
const SHORT = Object.fromEntries(Object.entries(ESCAPES).map(([letter, sign]) => [sign, `\\${letter}`]));

class Reader {
  constructor(text, place) {
    this.text = text;
    this.place = place;
    this.at = 0;
  }

  refuse(message) {
    throw new Fault(`is not canonical JSON: ${message} at character ${this.at}`, this.place);
  }

  whole() {
    const value = this.value(0);
    if (this.at !== this.text.length) this.refuse("something follows");
    return value;
  }

  value(depth) {
    const sign = this.text[this.at];
    if (sign === '"') return this.string();
    if (depth >= DEEPEST && (sign === "{" || sign === "[")) this.refuse("nested too deeply");
    if (sign === "{") return this.object(depth);
    if (sign === "[") return this.list(depth);
    for (const [word, value] of [["null", null], ["true", true], ["false", false]]) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.number();
  }

  number() {
    const pattern = /-?[0-9]+/y;
    pattern.lastIndex = this.at;
    const written = pattern.exec(this.text)?.[0] ?? "";
    const number = Number(written);
    if (!written || !Number.isSafeInteger(number) || String(number) !== written) this.refuse("no value");
    this.at += written.length;
    return number;
  }

  string() {
    const { text } = this;
    const start = this.at + 1;
    let found = "";
    let from = start;
    let plain = true;
    for (let i = start; ; i += 1) {
      const unit = text.charCodeAt(i);
      if (unit === 0x22) {
        this.at = i + 1;
        found = from === start ? text.slice(start, i) : found + text.slice(from, i);
        break;
      }
      if (Number.isNaN(unit)) this.refuse("a text without end");
      if (unit < 0x20) this.refuse("a control character in a text");
      if (unit > 0x7e) plain = false;
      if (unit === 0x5c) {
        this.at = i;
        const [sign, length] = this.escape(i + 1);
        found += text.slice(from, i) + sign;
        i += length;
        from = i + 1;
      }
    }
    if (!plain && found.normalize("NFC") !== found) this.refuse("a text that is not in NFC");
    return found;
  }

  escape(at) {
    const letter = this.text[at];
    if (Object.hasOwn(ESCAPES, letter)) return [ESCAPES[letter], 1];
    const digits = this.text.slice(at + 1, at + 5);
    const sign = String.fromCharCode(parseInt(digits, 16));
    if (letter !== "u" || !/^00[01][0-9a-f]$/.test(digits) || Object.hasOwn(SHORT, sign)) this.refuse("an escape");
    return [sign, 5];
  }

  list(depth) {
    const found = [];
    this.at += 1;
    if (this.text[this.at] === "]") {
      this.at += 1;
      return found;
    }
    for (;;) {
      found.push(this.value(depth + 1));
      const sign = this.text[this.at];
      this.at += 1;
      if (sign === "]") return found;
      if (sign !== ",") this.refuse("no comma in a list");
    }
  }

  object(depth) {
    const found = Object.create(null);
    let before = null;
    this.at += 1;
    if (this.text[this.at] === "}") {
      this.at += 1;
      return found;
    }
    for (;;) {
      if (this.text[this.at] !== '"') this.refuse("no key");
      const key = this.string();
      // `<` compares UTF-16 units, as RFC 8785 orders keys; equal keys are refused with it.
      if (before !== null && !(before < key)) this.refuse(`the key ${JSON.stringify(key)} is not in its place`);
      before = key;
      if (this.text[this.at] !== ":") this.refuse("no colon");
      this.at += 1;
      found[key] = this.value(depth + 1);
      const sign = this.text[this.at];
      this.at += 1;
      if (sign === "}") return found;
      if (sign !== ",") this.refuse("no comma in an object");
    }
  }
}

// Objects have no prototype. A Fault for anything but the canonical bytes of what they say.
export function parseCanonical(bytes, place) {
  return new Reader(decode(bytes, place), place).whole();
}

export function canonicalText(value) {
  if (typeof value === "string") return quoted(value);
  if (value === null || typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${quoted(key)}:${canonicalText(value[key])}`).join(",")}}`;
}

export const canonicalBytes = (value) => encode(canonicalText(value));

const quoted = (text) =>
  `"${text.replace(/["\\\u0000-\u001f]/g, (sign) => SHORT[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`)}"`;
