// Bytes and texts: UTF-8, hexadecimal, base64, the order of texts, and what is hashed.

import { Fault, demand } from "./faults.js";
import { sha256 } from "./sha256.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const encode = (text) => encoder.encode(text);

export function decode(bytes, place) {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Fault("is not UTF-8", place);
  }
}

const PAIRS = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, "0"));

export function hex(bytes) {
  let text = "";
  for (const byte of bytes) text += PAIRS[byte];
  return text;
}

export const isHex = (text, digits) =>
  typeof text === "string" && text.length === digits && /^[0-9a-f]*$/.test(text);

export function unhex(text) {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

export function base64(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

// RFC 4648, section 4, with padding; another spelling of the same bytes is refused.
export function unbase64(text, place) {
  let bytes = null;
  try {
    bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  } catch {
    bytes = null;
  }
  demand(bytes && base64(bytes) === text, "is not base64", place);
  return bytes;
}

export function equal(left, right) {
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i += 1) if (left[i] !== right[i]) return false;
  return true;
}

export function concat(...pieces) {
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

// By code points. That of UTF-16 units, which `<` gives, differs beyond U+FFFF.
export function compareTexts(left, right) {
  const size = Math.min(left.length, right.length);
  for (let i = 0; i < size; i += 1) {
    const a = left.charCodeAt(i);
    const b = right.charCodeAt(i);
    if (a !== b) {
      const surrogate = (unit) => unit >= 0xd800 && unit <= 0xdfff;
      return surrogate(a) === surrogate(b) ? a - b : surrogate(a) ? 1 : -1;
    }
  }
  return left.length - right.length;
}

export function compareBytes(left, right) {
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) if (left[i] !== right[i]) return left[i] - right[i];
  return left.length - right.length;
}

let scratch = new Uint8Array(4096);

function room(size) {
  if (size <= scratch.length) return;
  const larger = new Uint8Array(2 * size);
  larger.set(scratch);
  scratch = larger;
}

// Each part (a text or bytes) preceded by its length as 8 bytes, big endian: a view, good until the next call.
function packed(given) {
  let at = 0;
  for (const part of given) {
    room(at + 8 + 3 * part.length);
    const start = at + 8;
    let size = part.length;
    if (typeof part === "string") size = encoder.encodeInto(part, scratch.subarray(start)).written;
    else scratch.set(part, start);
    scratch.fill(0, at, start);
    for (let i = 0, rest = size; rest; i += 1, rest = Math.floor(rest / 256)) scratch[start - 1 - i] = rest & 255;
    at = start + size;
  }
  return scratch.subarray(0, at);
}

export const parts = (...given) => packed(given).slice();

// SHA-256 of parts(...).
export const digestOf = (...given) => sha256(packed(given));

// 64 hexadecimal digits. `secret`: 32 bytes.
export function commitment(round, name, secret, value) {
  const salt = digestOf("simsa salt v1", secret, name);
  return hex(digestOf("simsa commitment v1", round, name, salt, value));
}

export const lot = (seed, label, entry) => digestOf("simsa lot v1", seed, label, entry);
