import { CohortError, type EventMetadata } from '@cohort/contracts';
import { MAX_APPEND_BYTES, type NewEvent } from '@cohort/event-store';
import { messageOf } from '@cohort/surroundings';
import { commandExpired, commandIdReused, concurrencyConflict, deadlineExceeded, eventsTooLarge } from '../refusals';
import type { RememberedCommand } from './command-memory';
import { batchOf, draftBytes, draftEvents, type DraftEvent } from './draft-events';
import type { AppendedBatch, Outcome, Queued, Recorded, StreamCommand, StreamRules, StreamTypes } from './stream-kind';

/** Bytes after which an append takes no further command; one command alone may be larger, up to `MAX_APPEND_BYTES`. */
const BATCH_BYTES = 512 * 1024;

/** The verdict on a command. Its position is open until the append's outcome is known. */
export type Verdict<T extends StreamTypes> =
  | { readonly type: 'refused'; readonly error: Error }
  /** A remembered command, which gets its first answer. */
  | { readonly type: 'repeated'; readonly first: RememberedCommand }
  /** `revision`: the stream's after the command's events; if it has none, the one it was decided at. */
  | { readonly type: 'accepted'; readonly revision: number; readonly result: T['result'] };

export interface Decided<T extends StreamTypes, Q extends Queued<T['command']> = Queued<T['command']>> {
  readonly queued: Q;
  readonly verdict: Verdict<T>;
  /** Whether it depends on events of this batch, so that it fails with them. */
  readonly onBatch: boolean;
}

/** A command of the batch that wrote events, to be remembered once they are known to be written. */
export interface Written {
  readonly commandId: string;
  readonly hash: string;
  readonly revision: number;
  readonly at: number;
  readonly refused?: EventMetadata['refused'];
  readonly made?: EventMetadata['made'];
}

/** Commands decided in order against one state, to be appended together. */
export interface Batch<
  T extends StreamTypes,
  Q extends Queued<T['command']> = Queued<T['command']>,
> extends AppendedBatch<T> {
  readonly decided: readonly Decided<T, Q>[];
  readonly events: readonly NewEvent[];
  readonly written: readonly Written[];
  /** Whether any verdict is a refusal or no-effect. These need a stream that is known to be current. */
  readonly needsCurrent: boolean;
}

/**
 * Decides waiting commands in order, each against the state its predecessors leave, until a limit is reached. Pure but for
 * the time it is given. The caller answers nothing of it before the append's outcome is known.
 */
export function decideBatch<T extends StreamTypes, Q extends Queued<T['command']>>(
  rules: StreamRules<T>,
  stream: string,
  recorded: T['recorded'],
  waiting: Iterable<Q>,
  facts: T['facts'],
  now: number,
): Batch<T, Q> {
  let { state, revision, lastAt } = recorded;
  const decided: Decided<T, Q>[] = [];
  const written: Written[] = [];
  const drafts: DraftEvent[] = [];
  const verdicts = new Map<string, { hash: string; verdict: Verdict<T>; onBatch: boolean }>();
  let bytes = 0;
  let users = 0;
  let needsCurrent = false;

  const settle = (queued: Q, verdict: Verdict<T>, onBatch = revision > recorded.revision): void => {
    decided.push({ queued, verdict, onBatch });
    const { commandId, commandHash: hash } = queued.command;
    if (!verdicts.has(commandId)) verdicts.set(commandId, { hash, verdict, onBatch });
  };
  /** A refusal or no-effect. */
  const settleWithoutEvents = (queued: Q, verdict: Verdict<T>): void => {
    needsCurrent = true;
    settle(queued, verdict);
  };

  for (const queued of waiting) {
    const { command } = queued;
    users += rules.usersOf(command);
    if (decided.length === rules.batchCommands || (decided.length > 0 && users > rules.batchUsers)) break;
    // 1. A command whose time is over is not begun.
    if (now > command.deadline) {
      decided.push({ queued, verdict: refused(deadlineExceeded()), onBatch: false });
      continue;
    }
    // 2. A repeat, of a command of this batch or of one that is remembered, gets the first answer.
    const inBatch = verdicts.get(command.commandId);
    if (inBatch) {
      const same = inBatch.hash === command.commandHash;
      const verdict = same ? inBatch.verdict : refused(commandIdReused(command.commandId));
      decided.push({ queued, verdict, onBatch: inBatch.onBatch });
      continue;
    }
    const known = fromMemory(recorded, command);
    if (known) {
      settle(queued, known, false);
      continue;
    }
    // 3. The caller's own expected revision counts the batch's earlier commands.
    if (command.expectedRevision !== undefined && command.expectedRevision !== revision) {
      const actual = revision < 0 ? undefined : revision;
      settleWithoutEvents(queued, refused(concurrencyConflict(rules.title, command.expectedRevision, actual)));
      continue;
    }
    // 4. The rules decide, at the time that the command's events will carry.
    const at = Math.max((queued.at ??= now), lastAt);
    const outcome = decideAlone(rules, command, state, facts, at);
    if (outcome instanceof Error) {
      settleWithoutEvents(queued, refused(outcome));
      continue;
    }
    if (outcome.events.length === 0) {
      settleWithoutEvents(queued, { type: 'accepted', revision, result: outcome.result });
      continue;
    }
    // 5. Its events are measured, and join the batch if they fit.
    const noted = rules.noted(recorded, outcome.result, at, state);
    const commandDrafts = draftEvents<T>(stream, command, outcome.events, rules.events, at, noted);
    const size = commandDrafts.reduce((sum, draft) => sum + draftBytes(draft), 0);
    if (size > MAX_APPEND_BYTES) {
      settleWithoutEvents(queued, refused(eventsTooLarge({ bytes: size, limit: MAX_APPEND_BYTES })));
      continue;
    }
    if (drafts.length > 0 && bytes + size > BATCH_BYTES) break;

    bytes += size;
    drafts.push(...commandDrafts);
    for (const event of outcome.events) state = rules.evolve(state, event);
    revision += outcome.events.length;
    lastAt = at;
    const { commandId, commandHash: hash } = command;
    written.push({
      ...{ commandId, hash, revision, at },
      ...(noted.refused ? { refused: noted.refused } : {}),
      ...(noted.made === undefined ? {} : { made: noted.made }),
    });
    settle(queued, { type: 'accepted', revision, result: outcome.result });
  }
  return { decided, events: batchOf(drafts), written, state, lastAt, bytes, needsCurrent };
}

/** An unexpected error in the decision of one command must not affect the other commands of the batch. */
function decideAlone<T extends StreamTypes>(
  rules: StreamRules<T>,
  ...question: Parameters<StreamRules<T>['decide']>
): Extract<Outcome<T>, { ok: true }> | Error {
  try {
    const outcome = rules.decide(...question);
    if (outcome.ok) return outcome;
    const { code, message, details } = outcome.error;
    return new CohortError(code, message, details);
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

function fromMemory<T extends StreamTypes>({ memory }: Recorded, command: StreamCommand): Verdict<T> | undefined {
  const { commandId, commandHash } = command;
  const first = memory.find(commandId);
  if (first) return first.hash === commandHash ? { type: 'repeated', first } : refused(commandIdReused(commandId));
  return memory.mayHaveForgotten(commandId) ? refused(commandExpired(commandId)) : undefined;
}

const refused = (error: Error): { readonly type: 'refused'; readonly error: Error } => ({ type: 'refused', error });
