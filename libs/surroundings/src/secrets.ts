const HIDDEN = '***';
/** A shorter secret is hidden only inside the longer texts that contain it: alone, it would be found in every other word. */
const SHORTEST = 4;

/** Texts that no message, log line or file of this process may contain, and their replacements; the longest first. */
let hidden: readonly (readonly [secret: string, instead: string])[] = [];

/**
 * Registers a secret of this process. `hide` replaces it from now on, in the forms in which texts contain it: as it is,
 * percent-encoded, and as a part of JSON.
 */
export function keepSecret(secret: string, instead = HIDDEN): void {
  const found = new Map(hidden);
  for (const form of formsOf(secret)) {
    if (form.length >= SHORTEST && !found.has(form)) found.set(form, instead);
  }
  hidden = [...found].sort(([a], [b]) => b.length - a.length);
}

/** Registers user and password: each form in which a header or an address has both, and the password alone. */
export function keepCredentials(user: string, password: string): void {
  keepSecret(password);
  keepSecret(`${user}:${password}`);
  keepSecret(Buffer.from(`${user}:${password}`).toString('base64'));
}

function formsOf(secret: string): Set<string> {
  // A half of a surrogate pair has no percent-encoding.
  const encoded = encodeURIComponent(Buffer.from(secret).toString());
  // The parser of URLs encodes fewer characters than `encodeURIComponent`.
  const inUrl = URL.canParse(`x://:${encoded}@h`)
    ? encoded.replace(/%(?:2[146789AC]|3D)/gi, decodeURIComponent)
    : encoded;
  const plain = [secret, encoded, encoded.toLowerCase(), inUrl];
  return new Set([...plain, ...plain.map((form) => JSON.stringify(form).slice(1, -1))]);
}

/** Returns the text without the secrets of this process. */
export function hide(text: string): string {
  let shown = text;
  for (const [secret, instead] of hidden) {
    if (shown.includes(secret)) shown = shown.replaceAll(secret, () => instead);
  }
  return shown;
}

/** Returns a line of JSON without the secrets of this process. It stays JSON, even if a secret is a number or a key's name. */
export function hideInJson(line: string): string {
  if (!hidden.some(([secret]) => line.includes(secret))) return line;
  try {
    return `${JSON.stringify(withoutSecrets(JSON.parse(line), false))}${line.endsWith('\n') ? '\n' : ''}`;
  } catch {
    return hide(line);
  }
}

function withoutSecrets(value: unknown, keysToo: boolean): unknown {
  if (typeof value === 'string') return hide(value);
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, true));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [keysToo ? hide(key) : key, withoutSecrets(item, true)]),
  );
}
