import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  eventId,
  groupStream,
  userBanStream,
  userNumberStream,
  userStream,
  type GroupEvent,
  type Position,
  type UserBanEvent,
  type UserEvent,
  type UserNumberEvent,
} from '@cohort/contracts';
import { newestVersion } from '@cohort/contracts/testing';
import type { LogEvent } from '../log-event';
import { ReadModel, type ReadModelSettings } from '../read-model';

export const STORE = '11111111-1111-4111-8111-111111111111';
/** Time of a log's first append. Each further append is a second later. */
export const BEGIN = Date.parse('2026-01-01T00:00:00.000Z');

type AnyEvent = { readonly type: string; readonly data: unknown };

/** A log in memory, written append by append, with the revisions, positions and ids that the event store adds. */
export class Log {
  readonly events: LogEvent[] = [];
  private readonly revisions = new Map<string, number>();
  private appends = 0;

  constructor(readonly app = 'demo') {}

  get head(): Position {
    return this.events.at(-1)?.position ?? '0';
  }

  /** Appends to a group's stream, as one append. */
  group(id: string, ...events: readonly GroupEvent[]): LogEvent[] {
    return this.append(groupStream(this.app, id), events);
  }

  user(id: string, ...events: readonly UserEvent[]): LogEvent[] {
    return this.append(userStream(this.app, id), events);
  }

  userBan(id: string, ...events: readonly UserBanEvent[]): LogEvent[] {
    return this.append(userBanStream(this.app, id), events);
  }

  userNumber(id: string, ...events: readonly UserNumberEvent[]): LogEvent[] {
    return this.append(userNumberStream(this.app, id), events);
  }

  append(stream: string, events: readonly AnyEvent[], metadata: object = {}): LogEvent[] {
    const at = new Date(BEGIN + this.appends * 1_000).toISOString();
    const appended = events.map(({ type, data }, index): LogEvent => {
      const revision = (this.revisions.get(stream) ?? -1) + 1;
      this.revisions.set(stream, revision);
      return {
        stream,
        revision,
        position: String((this.events.length + index + 1) * 100),
        id: eventId({ stream, commandId: `command ${this.appends}`, commandHash: '', at, index }),
        type,
        data,
        metadata: {
          app: this.app,
          at,
          schemaVersion: newestVersion(type),
          batch: { index, size: events.length },
          ...metadata,
        },
      };
    });
    this.appends += 1;
    this.events.push(...appended);
    return appended;
  }
}

/** A directory for a test's files, and its removal. */
export function scratch(): { file: (name?: string) => string; remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'cohort-read-model-'));
  return {
    file: (name = 'model.db') => join(directory, name),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export const openModel = (file: string, settings: Partial<ReadModelSettings> = {}): ReadModel =>
  ReadModel.open({ file, store: STORE, ...settings });

const collectGarbage = (() => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();

let discarded = 0;

/**
 * Closes read models and removes their files. The driver keeps a file open until its statements are collected, and their few
 * bytes don't make the collector run. A test that opens hundreds of models would reach the system's limit of open files.
 */
export async function discard(...models: readonly (readonly [ReadModel, file: string])[]): Promise<void> {
  for (const [model] of models) model.close();
  for (const [, file] of models) rmSync(file);
  if (++discarded % 10 > 0) return;
  collectGarbage();
  // Collected statements are released in a turn of their own.
  await new Promise(setImmediate);
}

/** Applies all of a log, or some of its events, in one batch. */
export const applyAll = (model: ReadModel, { events }: { readonly events: readonly LogEvent[] }): Promise<void> =>
  model.applyBatch(events, events.at(-1)?.position ?? '0');
