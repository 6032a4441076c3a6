import { existsSync } from 'node:fs';
import { comparePositions } from '@cohort/contracts';
import { readOne, standingOf, StreamDeleted, type EventStore, type StoredEvent } from '@cohort/event-store';
import { ReadModel } from '@cohort/read-model';
import type { Logger } from 'pino';

/** Makes the node's read model a copy of `from`, unless the node has one. */
export async function copyUnlessThere(from: string, file: string, logger: Logger): Promise<void> {
  if (existsSync(file)) return;
  logger.info({ file, from }, 'the read model begins with a copy of another one');
  await ReadModel.copy(from, file);
}

/**
 * Opens the node's read model. If it wasn't made from this event store's log, it is deleted and rebuilt, and the
 * reason is logged.
 */
export async function openReadModel(file: string, store: EventStore, logger: Logger): Promise<ReadModel> {
  const onRebuild = (reason: string) =>
    logger.warn(
      { file, reason },
      "the read model doesn't match the event store or this build: deleting and rebuilding it",
    );
  const open = () => ReadModel.open({ file, store: store.storeId, onRebuild });
  const model = open();
  try {
    const reason = await whyAnotherLog(model, store);
    if (reason === undefined) return model;
    onRebuild(reason);
  } catch (error) {
    model.close();
    throw error;
  }
  model.close();
  ReadModel.delete(file);
  return open();
}

/** Why the read model was made from another log; undefined if the log has its last events in their places. */
async function whyAnotherLog(model: ReadModel, store: EventStore): Promise<string | undefined> {
  for (const { category, stream, revision, position, eventId } of model.anchors()) {
    const event = await eventAt(store, stream, revision);
    if (event?.revision === revision && event.id === eventId && event.position === position) continue;
    const place = `revision ${revision} of ${stream}, position ${position}`;
    if (event?.revision === revision) return `the event store has another event than the applied one at ${place}`;
    // Completed syncs are truncated from users' streams. An operator may have deleted or cut a group's stream.
    const head = await store.head();
    const mayBeMissing = category === 'user' || ['erased', 'cut'].includes(await standingOf(store, stream));
    if (mayBeMissing && comparePositions(position, head) <= 0) continue;
    return `the applied event at ${place} is missing from the event store, whose log ends at position ${head}`;
  }
  return undefined;
}

/** The event at this revision, or the next one; undefined if there is none, or if the stream was deleted. */
async function eventAt(store: EventStore, stream: string, from: number): Promise<StoredEvent | undefined> {
  try {
    return await readOne(store, stream, { from });
  } catch (error) {
    if (error instanceof StreamDeleted) return undefined;
    throw error;
  }
}
