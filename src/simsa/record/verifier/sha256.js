// SHA-256 (FIPS 180-4), synchronous: WebCrypto's is asynchronous, which costs too much for a million short texts.

const primes = [];
for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
// Math.cbrt may be off in its last bit; 32 bits of the fraction leave 18 bits to spare.
const ROUND = Int32Array.from(primes, (p) => fraction(Math.cbrt(p)));
const START = Int32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p)));

const schedule = new Int32Array(64);
const state = new Int32Array(8);
const tail = new Uint8Array(128);

function compress(data, offset) {
  for (let i = 0; i < 16; i += 1, offset += 4) {
    schedule[i] = (data[offset] << 24) | (data[offset + 1] << 16) | (data[offset + 2] << 8) | data[offset + 3];
  }
  for (let i = 16; i < 64; i += 1) {
    const x = schedule[i - 15];
    const y = schedule[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    schedule[i] = (schedule[i - 16] + s0 + schedule[i - 7] + s1) | 0;
  }
  let [a, b, c, d] = [state[0], state[1], state[2], state[3]];
  let [e, f, g, h] = [state[4], state[5], state[6], state[7]];
  for (let i = 0; i < 64; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[i] + schedule[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

export function sha256(data) {
  const size = data.length;
  state.set(START);
  let offset = 0;
  for (; offset + 64 <= size; offset += 64) compress(data, offset);
  const rest = size - offset;
  const padded = rest < 56 ? 64 : 128;
  tail.fill(0, 0, padded);
  for (let i = 0; i < rest; i += 1) tail[i] = data[offset + i];
  tail[rest] = 0x80;
  const bits = size * 8;
  for (let i = 0, high = Math.floor(bits / 2 ** 32), low = bits >>> 0; i < 4; i += 1) {
    tail[padded - 5 - i] = high >>> (8 * i);
    tail[padded - 1 - i] = low >>> (8 * i);
  }
  for (let at = 0; at < padded; at += 64) compress(tail, at);
  const digest = new Uint8Array(32);
  for (let i = 0; i < 32; i += 1) digest[i] = state[i >> 2] >>> (24 - 8 * (i & 3));
  return digest;
}
