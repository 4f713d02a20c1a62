// Reads a ZIP file that is as plain as a bundle has to be: nothing hidden, nothing said twice, nothing that grows.

import { Fault, demand } from "./faults.js";

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_SIZE = 22;
const FIRST_DAY = 0x0021; // 1980-01-01
const LARGEST = 2 ** 32;
const MOST = 2 ** 29; // all files together
const MOST_JSON = 2 ** 26; // one JSON file
const VERSION = 20;
const ATTRIBUTES = 0x01800000;

let crcTable = null;

function crc32(data) {
  crcTable ??= Uint32Array.from({ length: 256 }, (_, n) => {
    for (let i = 0; i < 8; i += 1) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
    return n;
  });
  let crc = -1;
  for (let i = 0; i < data.length; i += 1) crc = crcTable[(crc ^ data[i]) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

// The entries as the directory lists them, and where it stands; null if these bytes are no ZIP file.
export function directory(data) {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let end = data.length - END_SIZE;
  for (; end >= 0 && end > data.length - END_SIZE - 65536; end -= 1) {
    if (view.getUint32(end, true) === END) break;
  }
  if (end < 0 || view.getUint32(end, true) !== END) return null;
  const start = end - view.getUint32(end + 12, true);
  const entries = [];
  let at = start;
  while (at !== end) {
    if (at < 0 || at + 46 > data.length || view.getUint32(at, true) !== CENTRAL) return null;
    const u16 = (offset) => view.getUint16(at + offset, true);
    const u32 = (offset) => view.getUint32(at + offset, true);
    const size = u16(28);
    if (at + 46 + size > data.length) return null;
    entries.push({
      name: String.fromCharCode(...data.subarray(at + 46, at + 46 + size)),
      versions: [u16(4), u16(6)],
      attributes: [u16(36), u32(38)],
      flags: u16(8),
      method: u16(10),
      time: u16(12),
      date: u16(14),
      crc: u32(16),
      packed: u32(20),
      size: u32(24),
      extra: u16(30),
      comment: u16(32),
      disk: u16(34),
      offset: u32(42),
    });
    at += 46 + size + u16(30) + u16(32);
  }
  return { entries, start, end, view };
}

// The files by path; a Fault for whatever the format forbids.
export async function unzip(data, listed) {
  const { entries, start, end, view } = listed;
  const u16 = (offset) => view.getUint16(end + offset, true);
  demand(data.length <= LARGEST, "is larger than 4 GiB", "the file");
  demand(u16(20) === 0 && end + END_SIZE === data.length, "has a comment, or something behind it", "the file");
  demand(u16(4) === 0 && u16(6) === 0, "has several parts", "the file");
  demand(u16(8) === entries.length && u16(10) === entries.length, "has other files than it counts", "the file");
  demand(view.getUint32(end + 16, true) === start, "has a damaged directory", "the file");
  demand(entries.reduce((total, entry) => total + entry.size, 0) <= MOST, "is too large when unpacked", "the file");
  for (const { name, size } of entries) demand(size <= MOST_JSON || !name.endsWith(".json"), "is too large", name);
  const files = new Map();
  let at = 0;
  for (const entry of entries) {
    plain(entry, files);
    demand(entry.offset === at, "is not where the file before it ends", entry.name);
    at = local(view, entry, start);
    files.set(entry.name, await unpacked(data.subarray(at - entry.packed, at), entry));
  }
  demand(at === start, "has something hidden before its directory", "the file");
  return files;
}

function plain(entry, files) {
  const { name } = entry;
  demand(/^[\x21-\x7e]+$/.test(name), "has a name that is not plain ASCII", JSON.stringify(name));
  demand(!name.endsWith("/"), "is a folder", name);
  demand(!files.has(name), "is there twice", name);
  demand(entry.flags === 0, "is encrypted or written in an unusual way", name);
  const { versions, attributes } = entry;
  const usual = versions.every((one) => one === VERSION) && attributes[0] === 0 && attributes[1] === ATTRIBUTES;
  demand(usual, "was made in an unusual way", name);
  demand(entry.method === 0 || entry.method === 8, "is neither stored nor deflated", name);
  demand(entry.time === 0 && entry.date === FIRST_DAY, "has a time", name);
  demand(entry.extra === 0 && entry.comment === 0 && entry.disk === 0, "has an extra field or a comment", name);
}

// Where the packed bytes of an entry end. What stands before them has to say what the directory says.
function local(view, entry, limit) {
  const { name, offset } = entry;
  const u16 = (at) => view.getUint16(offset + at, true);
  const u32 = (at) => view.getUint32(offset + at, true);
  const data = offset + 30 + name.length;
  demand(data + entry.packed <= limit && u32(0) === LOCAL, "is not where the directory says", name);
  const same =
    u16(4) === VERSION &&
    u16(6) === entry.flags &&
    u16(8) === entry.method &&
    u16(10) === entry.time &&
    u16(12) === entry.date &&
    u32(14) === entry.crc &&
    u32(18) === entry.packed &&
    u32(22) === entry.size &&
    u16(26) === name.length &&
    u16(28) === 0;
  demand(same, "is described in two ways", name);
  for (let i = 0; i < name.length; i += 1) {
    demand(view.getUint8(offset + 30 + i) === name.charCodeAt(i), "has two names", name);
  }
  return data + entry.packed;
}

async function unpacked(packed, entry) {
  demand(entry.method === 8 || entry.packed === entry.size, "is not as long as it says", entry.name);
  const found = entry.method === 0 ? packed : await inflated(packed, entry);
  demand(crc32(found) === entry.crc, "is damaged", entry.name);
  return found;
}

async function inflated(packed, { name, size }) {
  const found = new Uint8Array(size);
  let at = 0;
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      demand(at + value.length <= size, "is longer than it says", name);
      found.set(value, at);
      at += value.length;
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    throw error instanceof Fault ? error : new Fault("cannot be unpacked", name);
  }
  demand(at === size, "is shorter than it says", name);
  return found;
}
