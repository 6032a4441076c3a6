import { parseSubject } from '@cohort/contracts';

/** Bytes at either end of a message in which its tenant is looked for. */
const LOOKED_AT = 256;

/**
 * The tenant that a request belongs to in the order of large work: its subject's, else the one that its body names near its
 * beginning or end. It is a guess before the body is parsed, and nothing else depends on it. Only trusted services use
 * subjects without a tenant.
 */
export function tenantOf(subject: string, body: Uint8Array): string {
  const { app } = parseSubject(subject) ?? {};
  if (app !== undefined) return app;
  return namedIn(body.subarray(0, LOOKED_AT)) ?? namedIn(body.subarray(-LOOKED_AT)) ?? '';
}

const namedIn = ({ buffer, byteOffset, byteLength }: Uint8Array): string | undefined =>
  /"app"\s*:\s*"([A-Za-z0-9_-]{1,64})"/.exec(Buffer.from(buffer, byteOffset, byteLength).toString('latin1'))?.[1];
