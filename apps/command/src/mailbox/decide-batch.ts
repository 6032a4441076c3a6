import {
  canonicalDecimal,
  CohortError,
  eventId,
  FIRST_ALIAS,
  GROUP_EVENTS,
  type ErrorCode,
  type EventMetadata,
  type GroupCommand,
  type GroupEvent,
  type UserResult,
} from '@cohort/contracts';
import {
  encodeJson,
  EVENT_OVERHEAD_BYTES,
  jsonText,
  MAX_APPEND_BYTES,
  type Json,
  type NewEvent,
} from '@cohort/event-store';
import { decide, distinct, evolve, resultsOf, type GroupState } from '@cohort/group';
import type { Circumstances } from '../command-request';
import { eventMetadata } from '../event-metadata';
import { commandExpired, commandIdReused, concurrencyConflict, deadlineExceeded } from '../refusals';
import type { RememberedCommand } from './command-memory';
import type { RecordedGroup } from './recorded-group';

/** Most commands of one append. */
export const BATCH_COMMANDS = 256;
/** Bytes after which an append takes no further command; one command alone may be larger, up to `MAX_APPEND_BYTES`. */
const BATCH_BYTES = 512 * 1024;

/** A command for one group, its id settled. */
export type CommandInput = Circumstances & GroupCommand;

/** A command in a mailbox. */
export interface Queued {
  readonly input: CommandInput;
  /** Stamped when it is first decided, and kept when it has to be decided again. */
  at?: number;
}

/** What a command is to be answered, the position left open until it is known. */
export type Verdict =
  | { readonly type: 'refused'; readonly error: Error }
  /** The first answer of a remembered command. */
  | {
      readonly type: 'repeated';
      readonly first: RememberedCommand;
      readonly results: readonly UserResult[] | undefined;
    }
  /** It rests on the group at this revision, which its own events brought about unless it had none. */
  | { readonly type: 'accepted'; readonly revision: number; readonly results: readonly UserResult[] | undefined };

export interface Decided<Q extends Queued = Queued> {
  readonly queued: Q;
  readonly verdict: Verdict;
  /** Whether it rests on events of this batch, so that their fate is its own. */
  readonly onBatch: boolean;
}

/** What a command of the batch wrote, for the memory once it is known to be written. */
export interface Written {
  readonly commandId: string;
  readonly hash: string;
  readonly revision: number;
  readonly at: number;
  readonly refused?: EventMetadata['refused'];
}

/** Commands decided in order against one state, to be appended at once. */
export interface Batch<Q extends Queued = Queued> {
  readonly decided: readonly Decided<Q>[];
  readonly events: readonly NewEvent[];
  readonly written: readonly Written[];
  /** The group when the events are written. */
  readonly state: GroupState;
  readonly lastAt: number;
  /** Bytes of the events, at most. */
  readonly bytes: number;
  /** Whether any verdict is a refusal or no-effect: that is told only of a group as it is now. */
  readonly tellsState: boolean;
}

interface DraftEvent {
  readonly id: string;
  readonly type: GroupEvent['type'];
  readonly data: Json;
  /** The metadata's JSON up to what the batch's size decides. */
  readonly metadata: string;
}

/**
 * Decides waiting commands in order, each against the state its predecessors leave, until a limit is reached. Pure but
 * for the time it is given; the caller answers nothing of it before the append's outcome is known.
 */
export function decideBatch<Q extends Queued>(
  stream: string,
  group: RecordedGroup,
  waiting: Iterable<Q>,
  numericId: string,
  now: number,
): Batch<Q> {
  let { state, revision, lastAt } = group;
  const decided: Decided<Q>[] = [];
  const written: Written[] = [];
  const drafts: DraftEvent[] = [];
  const verdicts = new Map<string, { hash: string; verdict: Verdict; onBatch: boolean }>();
  let bytes = 0;
  let tellsState = false;

  const settle = (queued: Q, verdict: Verdict, onBatch = revision > group.revision): void => {
    decided.push({ queued, verdict, onBatch });
    const { commandId, commandHash: hash } = queued.input;
    if (!verdicts.has(commandId)) verdicts.set(commandId, { hash, verdict, onBatch });
  };
  /** Nothing of it is written. */
  const tell = (queued: Q, verdict: Verdict): void => {
    tellsState = true;
    settle(queued, verdict);
  };

  for (const queued of waiting) {
    if (decided.length === BATCH_COMMANDS) break;
    const { input } = queued;
    if (now > input.deadline) {
      decided.push({ queued, verdict: refused(deadlineExceeded()), onBatch: false });
      continue;
    }
    const inBatch = verdicts.get(input.commandId);
    if (inBatch) {
      const same = inBatch.hash === input.commandHash;
      const verdict = same ? inBatch.verdict : refused(commandIdReused(input.commandId));
      decided.push({ queued, verdict, onBatch: inBatch.onBatch });
      continue;
    }
    const known = fromMemory(group, input);
    if (known) {
      settle(queued, known, false);
      continue;
    }
    if (input.expectedRevision !== undefined && input.expectedRevision !== revision) {
      const actual = revision < 0 ? undefined : revision;
      tell(queued, refused(concurrencyConflict('The group', input.expectedRevision, actual)));
      continue;
    }
    const context = {
      numericId,
      ownerPolicy: input.app.ownerPolicy,
      groupCapacity: input.app.groupCapacity,
    };
    const decision = decideAlone(input, state, context);
    if (decision instanceof Error) {
      tell(queued, refused(decision));
      continue;
    }
    if (!decision.ok) {
      const { code, message, details } = decision.error;
      tell(queued, refused(new CohortError(code, message, details)));
      continue;
    }
    if (decision.events.length === 0) {
      tell(queued, { type: 'accepted', revision, results: decision.results });
      continue;
    }

    const at = Math.max((queued.at ??= now), lastAt);
    const refusals = refusalsOf(decision.results);
    const commandDrafts = draftEvents(stream, input, decision.events, at, refusals);
    const size = commandDrafts.reduce((sum, draft) => sum + draftBytes(draft), 0);
    if (size > MAX_APPEND_BYTES) {
      const message = `The command's events take ${size} bytes; one append holds ${MAX_APPEND_BYTES}.`;
      tell(queued, refused(new CohortError('TOO_LARGE', message, { bytes: size, limit: MAX_APPEND_BYTES })));
      continue;
    }
    if (drafts.length > 0 && bytes + size > BATCH_BYTES) break;

    bytes += size;
    drafts.push(...commandDrafts);
    for (const event of decision.events) state = evolve(state, event);
    revision += decision.events.length;
    lastAt = at;
    written.push({
      commandId: input.commandId,
      hash: input.commandHash,
      revision,
      at,
      ...(refusals ? { refused: refusals } : {}),
    });
    settle(queued, { type: 'accepted', revision, results: decision.results });
  }

  const events = drafts.map(({ id, type, data, metadata }, index) => ({
    id,
    type,
    data,
    metadata: jsonText(`${metadata},"batch":{"index":${index},"size":${drafts.length}}}`),
  }));
  return { decided, events, written, state, lastAt, bytes, tellsState };
}

/** A fault of ours in deciding one command must not meet its neighbours. */
function decideAlone(...question: Parameters<typeof decide>): ReturnType<typeof decide> | Error {
  try {
    return decide(...question);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The number a group gets when it is made: its own id where that is one, else one of the aliases. */
export function ownNumber(groupId: string): string | undefined {
  const number = canonicalDecimal(groupId);
  return number !== undefined && number < FIRST_ALIAS ? groupId : undefined;
}

function fromMemory({ memory }: RecordedGroup, input: CommandInput): Verdict | undefined {
  const first = memory.find(input.commandId);
  if (first) {
    return first.hash === input.commandHash
      ? { type: 'repeated', first, results: firstResults(input, first) }
      : refused(commandIdReused(input.commandId));
  }
  return memory.mayHaveForgotten(input.commandId) ? refused(commandExpired(input.commandId)) : undefined;
}

/** The results of the first answer: everyone the command named is well, but for those who were refused then. */
function firstResults({ data }: CommandInput, { refused = [] }: RememberedCommand): UserResult[] | undefined {
  if (!('userIds' in data)) return undefined;
  return resultsOf(distinct(data.userIds), new Map(refused.map(({ userId, code }) => [userId, code as ErrorCode])));
}

function refusalsOf(results: readonly UserResult[] | undefined): EventMetadata['refused'] {
  const refusals = results?.flatMap(({ userId, ok, code }) => (ok || code === undefined ? [] : [{ userId, code }]));
  return refusals && refusals.length > 0 ? refusals : undefined;
}

function draftEvents(
  stream: string,
  input: CommandInput,
  events: readonly GroupEvent[],
  at: number,
  refusals: EventMetadata['refused'],
): DraftEvent[] {
  return events.map(({ type, data }, index) => {
    const metadata: Omit<EventMetadata, 'batch'> = {
      ...eventMetadata(input, { at, schemaVersion: GROUP_EVENTS[type].version }),
      ...(refusals && index === events.length - 1 ? { refused: refusals } : {}),
    };
    return {
      id: eventId(stream, input.commandId, input.commandHash, index),
      type,
      data: encodeJson(data),
      metadata: JSON.stringify(metadata).slice(0, -1),
    };
  });
}

/** At most what the draft will count in an append: `batch` takes up to 40 bytes more. */
const draftBytes = ({ type, data, metadata }: DraftEvent): number =>
  data.bytes.length + Buffer.byteLength(metadata) + 40 + 2 * type.length + EVENT_OVERHEAD_BYTES;

const refused = (error: Error): Verdict => ({ type: 'refused', error });
