import { randomBytes } from 'node:crypto';

const SECRET = randomBytes(8);
const [K0, K1] = [SECRET.readInt32LE(0), SECRET.readInt32LE(4)];

/** HalfSipHash-1-3 over the UTF-16 units of a text, two to a word. */
export function keyedHash(text: string): number {
  const { length } = text;
  const words = (length + 1) >> 1;
  let v0 = K0;
  let v1 = K1;
  let v2 = K0 ^ 0x6c796765;
  let v3 = K1 ^ 0x74656462;
  // After the text a round for its length, and three that only mix.
  for (let i = 0; i < words + 4; i++) {
    const at = 2 * i;
    const word = i < words ? text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16) : i === words ? length : 0;
    if (i === words + 1) v2 ^= 0xff;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return v1 ^ v3;
}
