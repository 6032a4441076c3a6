import { shortened } from '@cohort/contracts';

/** Bytes of an error's answer. */
const MAX_BYTES = 4 * 1024;
/** Characters that every text of a larger one keeps. */
const KEPT = [512, 64] as const;

/** An error's answer as JSON. Texts of one that is too large are cut: they repeat what the caller sent. */
export function errorText(body: unknown): string {
  let text = JSON.stringify(body);
  for (const kept of KEPT) {
    if (Buffer.byteLength(text) <= MAX_BYTES) return text;
    text = JSON.stringify(body, (_name, value: unknown) =>
      typeof value === 'string' ? shortened(value, kept) : value,
    );
  }
  return text;
}
