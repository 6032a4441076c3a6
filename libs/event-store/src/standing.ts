import { metadataStream } from '@cohort/contracts';
import { StreamDeleted } from './errors';
import { readOne } from './read-one';
import type { EventStore } from './types';

/**
 * What is left of a stream: all of its events (`whole`), only later ones (`cut`), none because it was deleted (`erased`), or
 * none because nothing was ever written (`none`).
 */
export type Standing = 'whole' | 'cut' | 'erased' | 'none';

/** `$tb` of a stream that was deleted and can be written again: 2^63-1, as a JavaScript number reads it. */
const DELETED = Number(2n ** 63n - 1n);

/** Whether a stream's metadata can hide events, now or later. */
export const hasLimit = (metadata: unknown): boolean =>
  typeof metadata === 'object' &&
  metadata !== null &&
  ['$maxCount', '$maxAge', '$tb'].some((limit) => Object.hasOwn(metadata, limit));

/** Reads what is left of a stream. Takes one read, or two if the stream has no events to show. */
export async function standingOf(store: Pick<EventStore, 'read'>, stream: string): Promise<Standing> {
  try {
    const first = await readOne(store, stream);
    if (first !== undefined) return first.revision === 0 ? 'whole' : 'cut';
    return await standingWithoutEvents(store, stream);
  } catch (error) {
    if (error instanceof StreamDeleted) return 'erased';
    throw error;
  }
}

/** What is left of a stream that shows no events: only its metadata can explain that. */
export async function standingWithoutEvents(
  store: Pick<EventStore, 'read'>,
  stream: string,
): Promise<Exclude<Standing, 'whole'>> {
  try {
    const metadata = (await readOne(store, metadataStream(stream), { backwards: true }))?.data;
    if (typeof metadata !== 'object' || metadata === null) return 'none';
    const { $tb, $maxAge } = metadata as { readonly $tb?: unknown; readonly $maxAge?: unknown };
    if (typeof $tb === 'number' && $tb > 0) return $tb >= DELETED ? 'erased' : 'cut';
    return typeof $maxAge === 'number' ? 'cut' : 'none';
  } catch (error) {
    if (error instanceof StreamDeleted) return 'erased';
    throw error;
  }
}
