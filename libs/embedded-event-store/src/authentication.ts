import { createHash, timingSafeEqual } from 'node:crypto';
import type { Metadata } from '@grpc/grpc-js';

export interface Credentials {
  user: string;
  password: string;
}

export type Identity = 'known' | 'anonymous' | 'wrong';

/** Checks the Basic credentials of a call. If the store has no credentials, every caller is `known`. */
export const identify = (metadata: Metadata, credentials: Credentials | undefined): Identity => {
  if (!credentials) return 'known';
  const [header] = metadata.get('authorization');
  if (header === undefined) return 'anonymous';
  const expected = `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
  return timingSafeEqual(digest(String(header)), digest(expected)) ? 'known' : 'wrong';
};

/** Digests have equal lengths, so the duration of the comparison reveals nothing about the input. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
